// @ts-check

/** @import { RoomModel } from "../model/room.js" */
/** @import { Workspace } from "../model/workspace.js" */
/** @import { RoomLayout } from "../sdk/src/types.js" */

import { fill, Frame, h } from "../dom.js";
import { counted, delayOf } from "../format.js";

const rows = 40;

/** How messages got here: the connection, the channels of the room, its stream, and each message with its number and delay. */
export class HoodPanel {
  #workspace;
  /** @type {RoomModel | null} */
  #room = null;
  #frame = new Frame(() => this.#render());
  #onDelivery = () => this.#frame.ask();
  #facts = h("dl", { class: "facts" });
  #rows = h("tbody");
  #none = h("p", { class: "panel-note" }, "Messages that arrive from now on are listed here.");

  /** @param {Workspace} workspace */
  constructor(workspace) {
    this.#workspace = workspace;
    this.title = "Under the hood";
    this.element = h(
      "div",
      { class: "panel-body" },
      this.#facts,
      h("h3", {}, "Deliveries"),
      this.#none,
      h(
        "div",
        { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Deliveries" },
        h("table", {}, h("thead", {}, h("tr", {}, ...["No.", "Delay", "Way", "Id"].map((title) => h("th", { scope: "col" }, title)))), this.#rows),
      ),
    );
    workspace.addEventListener("connection", () => this.#frame.ask());
  }

  /** @param {RoomModel | null} room */
  show(room) {
    for (const event of ["delivery", "layout"]) {
      this.#room?.removeEventListener(event, this.#onDelivery);
      room?.addEventListener(event, this.#onDelivery);
    }

    this.#room = room;
    this.#frame.now();
  }

  #render() {
    const room = this.#room;
    if (!room) {
      return;
    }

    const { live, connection } = this.#workspace;
    const stream = room.subscription;
    const stats = stream?.stats;
    const deliveries = room.deliveries.slice(-rows).reverse();
    const delays = room.deliveries.filter(({ delivery }) => delivery.source === "live").map(({ delivery }) => delivery.delay).sort((one, other) => one - other);
    /** @type {[string, string][]} */
    const facts = [
      ["Connection", connection.state],
      ["Realtime node", connection.node ?? "none"],
      ["Connection id", connection.connection ?? "none"],
      ["Round trip", live.roundTrip === null ? "not measured yet" : delayOf(live.roundTrip)],
      ["Room id", room.id],
      ["Channel layout", wordsOfLayout(stream?.layout)],
      ["Layout epoch", stream?.layout ? String(stream.layout.epoch) : "unknown"],
      ["Newest number", String(room.timeline.head)],
      ["Delivered up to", stream ? String(stream.lastSeq) : "no stream"],
      ["Delay, median", delays.length > 0 ? delayOf(delays[Math.floor(delays.length / 2)]) : "none yet"],
      ["Received live", String(stats?.received ?? 0)],
      ["Second copies dropped", String(stats?.duplicates ?? 0)],
      ["Repaired from history", String(stats?.repaired ?? 0)],
      ["Resumed after a loss", String(stats?.resumed ?? 0)],
      ["Messages in memory", String(room.timeline.messages.length)],
    ];
    fill(this.#facts, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
    this.#none.hidden = deliveries.length > 0;
    /** @type {HTMLElement} */ (this.#rows.parentElement).hidden = deliveries.length === 0;
    fill(
      this.#rows,
      ...deliveries.map(({ seq, id, delivery }) =>
        h(
          "tr",
          {},
          h("td", {}, String(seq)),
          h("td", {}, delayOf(delivery.delay)),
          h("td", { class: delivery.source }, delivery.source === "live" ? "live" : "repaired"),
          h("td", {}, h("code", { title: id }, id.length > 12 ? `${id.slice(0, 12)}…` : id)),
        )),
    );
  }
}

/**
 * By which channels the room is listened to, as people say it.
 * @param {RoomLayout | null} [layout]
 */
function wordsOfLayout(layout) {
  return !layout
    ? "unknown"
    : layout.name === "legacy"
      ? "legacy: one channel"
      : layout.shards === null
        ? layout.name
        : `${layout.name}: ${counted(layout.shards, "shard")}`;
}
