// @ts-check

/** @import { Message, RoomLayout, Signal, SystemEvent } from "../types.js" */

/**
 * What the server sends is read here, member by member: what is missing or of a wrong type becomes empty, and what an order is built on (seq, id) must be right.
 * @module
 */

/**
 * @param {any} frame
 * @returns {{ after: number, head: number } | null}
 */
export function positionOf({ after, head }) {
  return Number.isSafeInteger(after) && after >= 0 && Number.isSafeInteger(head) && head >= 0 ? { after, head } : null;
}

/**
 * @param {any} frame
 * @returns {RoomLayout | null} Null if it names none.
 */
export function layoutOf({ layout }) {
  const { name, shards, epoch } = layout ?? {};
  return typeof name === "string" && name !== ""
    ? { name, shards: Number.isSafeInteger(shards) && shards > 0 ? shards : null, epoch: Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0 }
    : null;
}

/**
 * @param {any} frame
 * @returns {Message | null} Null when it is none.
 */
export function messageOf({ room, seq, id, sender, text, attachments, sentAt }) {
  if (!Number.isSafeInteger(seq) || seq < 1 || typeof id !== "string") {
    return null;
  }

  return {
    room,
    seq,
    id,
    sender: textOf(sender),
    text: textOf(text),
    attachments: Array.isArray(attachments) ? attachments.filter((file) => typeof file === "string") : [],
    sentAt: textOf(sentAt),
  };
}

/**
 * @param {any} frame
 * @returns {Signal}
 */
export function signalOf({ room, id, sender, to, data }) {
  return { room, id: textOf(id), sender: textOf(sender), data, ...(typeof to === "string" ? { to } : {}) };
}

/**
 * @param {any} frame
 * @returns {SystemEvent}
 */
export function systemEventOf({ room, id, event, actor, user, data, at }) {
  return {
    room,
    id: textOf(id),
    event: textOf(event),
    actor: textOf(actor),
    at: textOf(at),
    ...(typeof user === "string" ? { user } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}
