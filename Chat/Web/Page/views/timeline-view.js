// @ts-check

/** @import { Entry } from "../model/outbox.js" */
/** @import { RoomModel } from "../model/room.js" */
/** @import { Shown } from "../model/timeline.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { arrange, fill, Frame, h } from "../dom.js";
import { counted, dayKey, dayOf } from "../format.js";
import { icon } from "../icons.js";
import { wordsOf } from "../toast.js";
import { messageView } from "./message-view.js";

/** A sender's messages within this time share one heading. */
const runLength = 5 * 60_000;

/** Pixels from the end that still count as the end. */
const nearEnd = 48;

/** Pixels before either end at which more is fetched. */
const fetchAhead = 600;

/** As many as fill a tall screen. */
const placeholders = 14;

/**
 * A room's messages: grouped by day and by sender, with what is new marked. Scrolling up fetches older ones; what is looked at stays where it is, whatever is added above or below. At the end it follows
 * what comes.
 */
export class TimelineView {
  #workspace;
  /** @type {RoomModel | null} */
  #room = null;
  /** @type {Map<string, { element: HTMLElement, shown: string }>} Items of the list by key. */
  #items = new Map();
  #list = h("ol", { class: "messages" });
  #top = h("div", { class: "timeline-top" });
  #scroller = h("div", { class: "timeline", tabindex: "0", role: "region", "aria-label": "Messages" }, this.#top, this.#list);
  /** A placeholder of the messages' size, shown over the list until they are loaded, so that nothing moves then. */
  #skeleton = h(
    "div",
    { class: "skeleton", role: "status" },
    h("span", { class: "unseen" }, "Loading messages…"),
    ...Array.from({ length: placeholders }, () => h("div", { class: "skeleton-message", "aria-hidden": "true" }, h("i"), h("i"), h("i"))),
  );
  #jump = h("button", { type: "button", class: "jump", hidden: true });
  #above = h("button", { type: "button", class: "jump above", hidden: true });
  #frame = new Frame(() => this.#render());
  /** Whether the end is followed. */
  #follows = true;
  #start = /** @type {"end" | "new" | null} */ (null);
  #cameSince = 0;
  #inspect = false;
  #release = () => {};

  /** @param {Workspace} workspace */
  constructor(workspace) {
    this.#workspace = workspace;
    this.element = h("div", { class: "stage" }, this.#scroller, this.#skeleton, this.#above, this.#jump);
    this.#scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#jump.addEventListener("click", () => this.toEnd());
    this.#above.addEventListener("click", () => void this.#toNew());
    new ResizeObserver(() => this.#stay()).observe(this.#scroller);
    new ResizeObserver(() => this.#stay()).observe(this.#list);
    for (const event of ["people", "connection"]) {
      workspace.addEventListener(event, () => this.#frame.ask());
    }

    workspace.outbox.addEventListener("change", () => this.#frame.ask());
    for (const event of ["focus", "blur"]) {
      window.addEventListener(event, () => this.#frame.ask());
    }

    document.addEventListener("visibilitychange", () => this.#frame.ask());
  }

  /** @param {RoomModel | null} room */
  show(room) {
    this.#release();
    this.#room = room;
    this.#items.clear();
    this.#list.replaceChildren();
    this.#follows = true;
    this.#cameSince = 0;
    this.#start = room?.newAfter == null ? "end" : "new";
    if (!room) {
      this.#skeleton.hidden = false;
      return;
    }

    const changed = () => this.#frame.ask();
    const came = () => {
      this.#cameSince += this.#follows ? 0 : 1;
    };
    room.timeline.addEventListener("change", changed);
    room.addEventListener("change", changed);
    room.addEventListener("message", came);
    this.#release = () => {
      room.timeline.removeEventListener("change", changed);
      room.removeEventListener("change", changed);
      room.removeEventListener("message", came);
    };
    this.#frame.now();
  }

  /** Goes to the newest message and stays there. */
  toEnd() {
    const room = this.#room;
    if (!room) {
      return;
    }

    this.#follows = true;
    this.#cameSince = 0;
    if (!room.timeline.isAtEnd) {
      void this.#startOver(room, "end", room.timeline.loadLatest());
    }

    this.#frame.now();
  }

  /** @param {boolean} inspect Whether each message says how it came. */
  inspect(inspect) {
    this.#inspect = inspect;
    this.#frame.ask();
  }

  focus() {
    this.#scroller.focus();
  }

  async #toNew() {
    const room = this.#room;
    if (room?.newAfter != null) {
      this.#follows = false;
      await this.#startOver(room, "new", room.timeline.loadAround(room.newAfter + 1));
    }
  }

  /**
   * Where to look at a stretch that replaces the one that is shown. Said only when it has come: what is rendered until then is still the old one.
   * @param {RoomModel} room
   * @param {"end" | "new"} start
   * @param {Promise<void>} loading
   */
  async #startOver(room, start, loading) {
    await loading;
    if (this.#room === room && !room.timeline.error) {
      this.#start = start;
      this.#frame.ask();
    }
  }

  #render() {
    const room = this.#room;
    if (!room) {
      return;
    }

    const anchor = this.#follows ? null : this.#anchor();
    const { timeline } = room;
    arrange(this.#list, timeline.isLoaded ? this.#wanted(room) : []);
    this.#list.setAttribute("aria-busy", String(timeline.isLoading));
    this.#skeleton.hidden = timeline.isLoaded || (timeline.error !== null && !timeline.isLoading);
    this.#renderTop(room);
    if (timeline.isLoaded && this.#start !== null) {
      this.#begin(room);
    } else if (anchor) {
      const element = this.#items.get(anchor.id)?.element;
      this.#scroller.scrollTop += element ? element.getBoundingClientRect().top - anchor.top : 0;
    } else {
      this.#stay();
    }

    this.#renderJumps(room);
    this.#fetchMore();
    this.#markRead(room);
  }

  /**
   * The first look at a room: at the first new message, with some of what was read above it, or at the end.
   * @param {RoomModel} room
   */
  #begin(room) {
    const start = this.#start;
    this.#start = null;
    const divider = this.#items.get("new")?.element;
    if (start === "new" && divider?.isConnected) {
      this.#scroller.scrollTop += divider.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - this.#scroller.clientHeight / 3;
      this.#follows = room.timeline.isAtEnd && this.#distance() <= nearEnd;
    } else {
      this.#follows = room.timeline.isAtEnd;
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }

    this.#cameSince = this.#follows ? 0 : this.#cameSince;
  }

  /** @param {RoomModel} room */
  #wanted(room) {
    const { timeline, newAfter } = room;
    const stored = timeline.messages;
    const known = new Set(stored.map((message) => message.id));
    const waiting = timeline.isAtEnd ? this.#workspace.outbox.of(room.id).filter((entry) => !known.has(entry.id)) : [];
    /** @type {HTMLElement[]} */
    const wanted = [];
    const used = new Set();
    const put = (/** @type {string} */ key, /** @type {string} */ shown, /** @type {() => HTMLElement} */ make) => {
      used.add(key);
      const item = this.#items.get(key);
      if (item?.shown === shown) {
        wanted.push(item.element);
        return;
      }

      const element = make();
      item?.element.replaceWith(element);
      this.#items.set(key, { element, shown });
      wanted.push(element);
    };

    let day = "";
    let sender = "";
    let time = 0;
    let isMarked = newAfter === null || (stored.length > 0 && stored[0].seq > newAfter + 1);
    for (const message of /** @type {(Shown | Entry)[]} */ ([...stored, ...waiting])) {
      const date = new Date(message.sentAt);
      const today = dayKey(date);
      const by = "sender" in message ? message.sender : this.#workspace.me.id;
      let breaks = false;
      if (today !== day) {
        day = today;
        breaks = true;
        const label = dayOf(date);
        put(`day ${today}`, label, () => h("li", { class: "day" }, h("h2", {}, label)));
      }

      if (!isMarked && newAfter !== null && "sender" in message && message.seq > newAfter && by !== this.#workspace.me.id) {
        isMarked = true;
        breaks = true;
        put("new", "", () => h("li", { class: "new" }, h("span", {}, "New")));
      }

      const head = breaks || by !== sender || date.getTime() - time > runLength;
      const shown = `${head} ${"state" in message ? message.state : message.seq} ${this.#workspace.nameOf(by)} ${this.#inspect}`;
      put(message.id, shown, () => messageView(this.#workspace, message, { head, inspect: this.#inspect }));
      sender = by;
      time = date.getTime();
    }

    for (const key of [...this.#items.keys()]) {
      if (!used.has(key)) {
        this.#items.delete(key);
      }
    }

    return wanted;
  }

  /** @param {RoomModel} room */
  #renderTop(room) {
    const { timeline } = room;
    const kind = timeline.error && !timeline.isLoading ? "error" : !timeline.isLoaded ? "first" : timeline.isAtStart ? "start" : "more";
    if (this.#top.dataset.kind === `${kind} ${room.id} ${room.name}`) {
      return;
    }

    this.#top.dataset.kind = `${kind} ${room.id} ${room.name}`;
    if (kind === "error") {
      fill(
        this.#top,
        h("p", { class: "top-note" }, wordsOf(timeline.error), " ", h("button", { type: "button", class: "link", on: { click: () => void (timeline.isLoaded ? timeline.loadOlder() : timeline.loadLatest()) } }, "Try again")),
      );
    } else if (kind === "start") {
      fill(
        this.#top,
        h(
          "div",
          { class: "origin" },
          h("span", { class: "origin-mark" }, icon(room.isPrivate ? "lock" : "hash")),
          h("h2", {}, room.name),
          h("p", {}, room.isPrivate ? "This private room begins here. Only its members can see it." : "This room begins here. Everybody in the workspace can join it."),
        ),
      );
    } else if (kind === "first") {
      fill(this.#top);
    } else {
      fill(this.#top, h("p", { class: "top-note" }, h("span", { class: "spinner" }), "Loading older messages…"));
    }
  }

  /** @param {RoomModel} room */
  #renderJumps(room) {
    const away = room.timeline.isLoaded && !(this.#follows && room.timeline.isAtEnd);
    this.#jump.hidden = !away;
    if (away) {
      fill(this.#jump, icon("down"), this.#cameSince > 0 ? counted(this.#cameSince, "new message") : "Jump to latest");
    }

    const first = room.timeline.messages[0]?.seq ?? 0;
    const isAbove = room.newAfter !== null && room.timeline.isLoaded && first > room.newAfter + 1;
    this.#above.hidden = !isAbove;
    if (isAbove) {
      fill(this.#above, icon("up"), `${counted(room.timeline.head - (room.newAfter ?? 0), "new message")}: go to the first`);
    }
  }

  /**
   * The first message in sight, and where it is. By its id: its element may be recreated, and a day's heading moves to the first message of the day.
   */
  #anchor() {
    const top = this.#scroller.getBoundingClientRect().top;
    for (const element of /** @type {Iterable<HTMLElement>} */ (this.#list.children)) {
      const { top: at, bottom } = element.getBoundingClientRect();
      if (bottom > top && element.dataset.id !== undefined) {
        return { id: element.dataset.id, top: at };
      }
    }

    return null;
  }

  #distance() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight;
  }

  #stay() {
    if (this.#follows && this.#start === null) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }
  }

  #onScroll() {
    const room = this.#room;
    if (!room || this.#start !== null) {
      return;
    }

    const follows = room.timeline.isAtEnd && this.#distance() <= nearEnd;
    if (follows !== this.#follows) {
      this.#follows = follows;
      this.#cameSince = follows ? 0 : this.#cameSince;
    }

    this.#frame.ask();
  }

  #fetchMore() {
    const timeline = this.#room?.timeline;
    if (!timeline?.isLoaded || timeline.isLoading || timeline.error) {
      return;
    }

    if (this.#scroller.scrollTop < fetchAhead && !timeline.isAtStart) {
      void timeline.loadOlder();
    } else if (!timeline.isAtEnd && this.#distance() < fetchAhead) {
      void timeline.loadNewer();
    }
  }

  /** What is at the end of the list, with somebody before the screen, has been read. @param {RoomModel} room */
  #markRead(room) {
    if (this.#follows && room.timeline.isAtEnd && document.visibilityState === "visible" && document.hasFocus()) {
      room.read(room.timeline.head);
    }
  }
}
