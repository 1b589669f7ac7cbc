// @ts-check

/** @import { ChatClient, Subscription } from "../sdk/realtime.js" */
/** @import { LiveMessage, Member, Message, Room, SystemEvent } from "../sdk/src/types.js" */

import { Timeline } from "./timeline.js";

const memberPage = 200;

/** Most members listed. */
const mostMembers = 1_000;
const membersLater = 400;
const readLater = 400;

/** Most deliveries kept for looking under the hood. */
const mostDeliveries = 100;

/**
 * @typedef {object} DeliveryRecord
 * @property {number} seq
 * @property {string} id
 * @property {LiveMessage["delivery"]} delivery
 */

/**
 * A room that the user is a member of, with its live stream.
 *
 * Events: "change" (name, counts, last message), "members", "delivery", "layout" (of its channels), "message" (`event.detail` is the message), "read" (`event.detail` is
 * the number up to which).
 */
export class RoomModel extends EventTarget {
  #client;
  #me;
  /** @type {Room} */
  #info;
  #readSeq = 0;
  #marked = 0;
  /** @type {Message | null} */
  #last = null;
  #isBehind = false;
  /** @type {Member[]} */
  #members = [];
  #membersWanted = false;
  /** @type {any} */
  #membersTimer = null;
  /** @type {any} */
  #readTimer = null;
  /** @type {Subscription | null} */
  subscription = null;
  /** @type {DeliveryRecord[]} Newest last. */
  deliveries = [];
  /** Where the user had read to when the room was opened; messages behind it are shown as new. Null: nothing is. */
  /** @type {number | null} */
  newAfter = null;

  /**
   * @param {ChatClient} client
   * @param {string} me
   * @param {Room} info
   */
  constructor(client, me, info) {
    super();
    this.#client = client;
    this.#me = me;
    this.#info = info;
    this.#readSeq = info.readSeq ?? 0;
    this.timeline = new Timeline((range) => client.messages.list(info.id, range), info.lastSeq);
  }

  get id() {
    return this.#info.id;
  }

  get name() {
    return this.#info.name;
  }

  get info() {
    return this.#info;
  }

  get isPrivate() {
    return this.#info.visibility === "private";
  }

  get members() {
    return this.#members;
  }

  /** How many there are, as far as is known. */
  get memberCount() {
    return this.#members.length > 0 && this.#members.length < mostMembers ? this.#members.length : this.#info.members;
  }

  get myRole() {
    return this.#members.find((member) => member.user === this.#me)?.role ?? this.#info.role ?? "member";
  }

  /** Newest message, where it is known. */
  get last() {
    return this.#last;
  }

  get unread() {
    return Math.max(0, this.timeline.head - this.#readSeq);
  }

  get readSeq() {
    return this.#readSeq;
  }

  /** When something last happened here, in milliseconds since 1970. */
  get activity() {
    return Date.parse(this.#last?.sentAt ?? this.#info.createdAt);
  }

  /**
   * What the service says of it now. How far the room goes is news only where there is no live stream: one that there is brings every message itself, in order.
   * @param {Room} info
   */
  update(info) {
    this.#info = { ...this.#info, ...info };
    this.#readSeq = Math.max(this.#readSeq, info.readSeq ?? 0);
    if (!this.subscription) {
      this.#isBehind = this.timeline.raise(info.lastSeq) || this.#isBehind;
    }

    this.#changed();
  }

  /** Whether the list of rooms reported messages that have not been read. */
  get isBehind() {
    return this.#isBehind;
  }

  /** Reads the newest message, for the list of rooms. */
  async readLast() {
    if ((this.#last && !this.#isBehind) || this.timeline.head === 0) {
      return;
    }

    this.#isBehind = false;

    const { messages } = await this.#client.messages.list(this.id, { limit: 1 });
    this.#setLast(messages.at(-1));
  }

  /** @param {LiveMessage} message */
  receive(message) {
    this.deliveries.push({ seq: message.seq, id: message.id, delivery: message.delivery });
    if (this.deliveries.length > mostDeliveries) {
      this.deliveries.shift();
    }

    this.timeline.push(message);
    this.#setLast(message);
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
    this.dispatchEvent(new Event("delivery"));
  }

  /** @param {SystemEvent} event */
  happened(event) {
    if (event.event.startsWith("member.")) {
      this.readMembers();
    }
  }

  /**
   * Everything up to here has been seen. The service is notified a moment later, once for everything read meanwhile.
   * @param {number} seq
   */
  read(seq) {
    if (seq <= this.#readSeq) {
      return;
    }

    this.#readSeq = seq;
    this.#readTimer ??= setTimeout(() => this.#tellRead(), readLater);
    this.#changed();
    this.dispatchEvent(new CustomEvent("read", { detail: seq }));
  }

  /**
   * Another tab of the same browser has shown everything up to here, and notifies the service itself.
   * @param {number} seq
   */
  readElsewhere(seq) {
    if (seq > this.#readSeq && seq <= this.timeline.head) {
      this.#readSeq = seq;
      this.#changed();
    }
  }

  /** Reads the list of members, a moment later, once for all who ask in it. */
  readMembers() {
    this.#membersWanted = true;
    this.#membersTimer ??= setTimeout(() => void this.#fetchMembers(), this.#members.length === 0 ? 0 : membersLater);
  }

  /** Reads the members again if anybody has ever asked for them: changes while the connection was lost were not sent. */
  refresh() {
    if (this.#membersWanted) {
      this.readMembers();
    }
  }

  /** Ends the live stream. */
  async unlisten() {
    const { subscription } = this;
    this.subscription = null;
    await subscription?.unsubscribe();
  }

  close() {
    clearTimeout(this.#membersTimer);
    clearTimeout(this.#readTimer);
    void this.unlisten();
  }

  async #tellRead() {
    this.#readTimer = null;
    const seq = this.#readSeq;
    if (seq <= this.#marked) {
      return;
    }

    try {
      await this.#client.rooms.markRead(this.id, seq);
      this.#marked = seq;
    } catch {
      // The marker moves with the next message that is read; until then the count is a little too high elsewhere.
    }
  }

  async #fetchMembers() {
    try {
      /** @type {Member[]} */
      const members = [];
      /** @type {string | undefined} */
      let after;
      do {
        const page = await this.#client.rooms.members(this.id, { after, limit: memberPage });
        members.push(...page.items);
        after = page.next;
      } while (after && members.length < mostMembers);
      this.#members = members;
    } catch {
      // The next event of the room, or the next time it is opened, retries.
    } finally {
      this.#membersTimer = null;
    }

    this.dispatchEvent(new Event("members"));
    this.#changed();
  }

  /** @param {Message | undefined} message */
  #setLast(message) {
    if (message && message.seq > (this.#last?.seq ?? 0)) {
      this.#last = message;
      this.#changed();
      if (message.sender === this.#me) {
        // The sender has read everything before it, on whatever device.
        this.read(message.seq);
      }
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
