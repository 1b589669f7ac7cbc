// @ts-check

/** @import { ChatClient } from "../sdk/realtime.js" */
/** @import { Message } from "../sdk/src/types.js" */

import { ChatError } from "../sdk/realtime.js";

/**
 * @typedef {object} Entry
 * @property {string} id Of the message; made once, so that sending again is harmless.
 * @property {string} room
 * @property {string} text
 * @property {string[]} attachments
 * @property {string} sentAt When it was written.
 * @property {"waiting" | "sending" | "sent" | "failed"} state
 * @property {unknown} [error]
 * @property {number} [seq] Once sent.
 */

/** Most messages that wait. */
const most = 200;
const firstWait = 2_000;
const longestWait = 30_000;

/**
 * What was written and is not in the room yet. Each room's messages go one after the other, in the order in which they were written. What fails for a while waits and goes out later, with the id that it had, so
 * that it is in the room once even if an earlier attempt arrived without us knowing; what is refused waits for its author's decision. Survives reloads of the tab.
 *
 * Events: "change" (`event.detail` is the room), "sent" (`event.detail` is the stored message).
 */
export class Outbox extends EventTarget {
  #client;
  #key;
  /** @type {Entry[]} */
  #entries;
  /** @type {Set<string>} Rooms with a message on its way. */
  #running = new Set();
  #failures = 0;
  /** @type {any} */
  #timer = null;
  #closed = false;

  /**
   * @param {ChatClient} client
   * @param {string} owner
   */
  constructor(client, owner) {
    super();
    this.#client = client;
    this.#key = `chat.outbox.${owner}`;
    this.#entries = this.#read();
  }

  get isFull() {
    return this.#entries.length >= most;
  }

  /** @param {string} room */
  of(room) {
    return this.#entries.filter((entry) => entry.room === room);
  }

  /**
   * @param {string} room
   * @param {string} text
   * @param {string[]} attachments
   */
  add(room, text, attachments) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.#entries.push({ id, room, text, attachments, sentAt: new Date().toISOString(), state: "waiting" });
    this.#changed(room);
    this.kick();
  }

  /**
   * Sends a refused message again.
   * @param {string} id
   */
  retry(id) {
    const entry = this.#entries.find((candidate) => candidate.id === id && candidate.state === "failed");
    if (entry) {
      entry.state = "waiting";
      this.#changed(entry.room);
      this.kick();
    }
  }

  /**
   * Forgets a message that is not on its way.
   * @param {string} id
   */
  discard(id) {
    const entry = this.#entries.find((candidate) => candidate.id === id);
    if (entry && entry.state !== "sending") {
      this.#remove(entry);
    }
  }

  /**
   * The message has been seen in its room.
   * @param {Message} message
   */
  seen(message) {
    const entry = this.#entries.find((candidate) => candidate.id === message.id && candidate.room === message.room);
    if (entry) {
      this.#remove(entry);
    }
  }

  /** Sends what waits. Called when there is reason to believe that it will work: something was written, the connection is back. */
  kick() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed || !navigator.onLine) {
      return;
    }

    for (const room of new Set(this.#entries.filter((entry) => entry.state === "waiting").map((entry) => entry.room))) {
      if (!this.#running.has(room)) {
        this.#running.add(room);
        void this.#run(room).finally(() => this.#running.delete(room));
      }
    }
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** @param {string} room */
  async #run(room) {
    for (;;) {
      const entry = this.#entries.find((candidate) => candidate.room === room && candidate.state === "waiting");
      if (!entry || this.#closed) {
        return;
      }

      entry.state = "sending";
      this.#changed(room);
      try {
        const message = await this.#client.messages.post(room, { text: entry.text, id: entry.id, attachments: entry.attachments.length > 0 ? entry.attachments : undefined });
        this.#failures = 0;
        entry.seq = message.seq;
        entry.state = "sent";
        this.#changed(room);
        this.dispatchEvent(new CustomEvent("sent", { detail: message }));
      } catch (error) {
        entry.error = error;
        if (error instanceof ChatError && error.isTransient) {
          entry.state = "waiting";
          this.#changed(room);
          this.#later(error.retryAfter);
          return;
        }

        entry.state = "failed";
        this.#changed(room);
      }
    }
  }

  /** @param {number} [retryAfter] */
  #later(retryAfter) {
    const wait = Math.max((retryAfter ?? 0) * 1000, Math.min(longestWait, firstWait * 2 ** this.#failures) * (0.5 + Math.random() / 2));
    this.#failures++;
    this.#timer ??= setTimeout(() => this.kick(), wait);
  }

  /** @param {Entry} entry */
  #remove(entry) {
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    this.#changed(entry.room);
  }

  /** @param {string} room */
  #changed(room) {
    this.#write();
    this.dispatchEvent(new CustomEvent("change", { detail: room }));
  }

  /** @returns {Entry[]} */
  #read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isEntry).map((entry) => ({ ...entry, state: entry.state === "failed" ? "failed" : "waiting" })) : [];
    } catch {
      // Another version's, or switched off: nothing waits then.
      return [];
    }
  }

  #write() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#entries.filter((entry) => entry.state !== "sent").map(({ error, ...entry }) => (error ? { ...entry, error: keptOf(error) } : entry))));
    } catch {
      // Full or switched off: then it lasts as long as the page.
    }
  }
}

/**
 * What a reload keeps of a failure, so that its author still reads why.
 * @param {any} error
 */
function keptOf({ status, detail, message }) {
  return { status, detail: detail ?? message };
}

/** @param {any} entry */
function isEntry(entry) {
  return typeof entry?.id === "string" && typeof entry.room === "string" && typeof entry.text === "string" && typeof entry.sentAt === "string" && Array.isArray(entry.attachments);
}
