// @ts-check

/** @import { Entry } from "../model/outbox.js" */
/** @import { Shown } from "../model/timeline.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { h } from "../dom.js";
import { delayOf, fullTimeOf, timeOf } from "../format.js";
import { icon } from "../icons.js";
import { linkify } from "../linkify.js";
import { wordsOf } from "../toast.js";
import { attachment } from "./attachment-view.js";
import { avatar } from "./avatar.js";

/** Text longer than this is folded. */
const longText = 2_400;
const manyLines = 30;

/**
 * One message as an item of the list: its sender's first in a run has a head with picture and name.
 * @param {Workspace} workspace
 * @param {Shown | Entry} message
 * @param {{ head: boolean, inspect: boolean }} how
 */
export function messageView(workspace, message, { head, inspect }) {
  const entry = "state" in message ? message : null;
  const sender = "sender" in message ? message.sender : workspace.me.id;
  const name = workspace.displayNameOf(sender);
  const handle = workspace.people.handleOf(sender);
  const date = new Date(message.sentAt);
  const isOnItsWay = entry?.state === "sending" || entry?.state === "sent";
  const time = isOnItsWay
    ? h("span", { class: "when on-its-way" }, icon(entry.state === "sent" ? "check" : "clock"), h("span", { class: "unseen" }, entry.state === "sent" ? "Sent" : "Sending"))
    : h("time", { class: "when", datetime: message.sentAt, title: fullTimeOf(date) }, timeOf(date));
  return h(
    "li",
    { class: `message${head ? " head" : ""}${entry ? ` ${entry.state}` : ""}${sender === workspace.me.id ? " own" : ""}`, dataset: { id: message.id } },
    h("div", { class: "gutter" }, head ? avatar(sender, name) : time),
    h(
      "div",
      { class: "said" },
      head ? h("p", { class: "by" }, h("b", {}, name), handle && h("span", { class: "handle" }, handle), time) : h("span", { class: "unseen" }, `${workspace.nameOf(sender)}: `),
      message.text && textOf(message.text),
      message.attachments.length > 0 && h("div", { class: "attachments" }, ...message.attachments.map((id) => attachment(workspace, id))),
      entry && !isOnItsWay && stateOf(workspace, entry),
      inspect && "seq" in message && h("p", { class: "under" }, underOf(message)),
    ),
  );
}

/** @param {string} text */
function textOf(text) {
  const paragraph = h("p", { class: "text", dir: "auto" }, ...linkify(text));
  if (text.length <= longText && text.split("\n", manyLines + 1).length <= manyLines) {
    return paragraph;
  }

  paragraph.classList.add("folded");
  const more = h("button", { type: "button", class: "link", "aria-expanded": "false" }, "Show all");
  more.addEventListener("click", () => {
    const folded = paragraph.classList.toggle("folded");
    more.textContent = folded ? "Show all" : "Show less";
    more.setAttribute("aria-expanded", String(!folded));
  });
  return h("div", {}, paragraph, more);
}

/**
 * Why a message is not in its room yet. While it is being sent, a mark takes the place of its time, so that nothing moves when it arrives.
 * @param {Workspace} workspace
 * @param {Entry} entry
 */
function stateOf(workspace, entry) {
  return entry.state === "failed"
    ? h(
        "p",
        { class: "state bad" },
        icon("warning"),
        h("span", {}, `Not sent. ${wordsOf(entry.error)}`),
        h("button", { type: "button", class: "link", on: { click: () => workspace.outbox.retry(entry.id) } }, "Try again"),
        h("button", { type: "button", class: "link", on: { click: () => workspace.outbox.discard(entry.id) } }, "Discard"),
      )
    : h("p", { class: "state" }, icon("clock"), "Waits for the connection");
}

/** @param {Shown | Entry} message */
function underOf(message) {
  const delivery = "delivery" in message ? message.delivery : undefined;
  const way = !delivery ? "read from the history" : delivery.source === "live" ? `live in ${delayOf(delivery.delay)}` : `repaired from the history, ${delayOf(delivery.delay)} late`;
  return `#${message.seq} · ${message.id} · ${way}`;
}
