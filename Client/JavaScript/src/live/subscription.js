// @ts-check

import { Emitter } from "../emitter.js";
import { RealtimeError } from "../errors.js";
import { EventQueue } from "./event-queue.js";
import { GapRepair } from "./gap-repair.js";
import { MessageBuffer } from "./message-buffer.js";
import { MessageReaders } from "./message-readers.js";

/** @import { Clock, Delivery, LiveMessage, Message, MessagePage, RoomLayout, Signal, SubscribeOptions, SubscriptionStats, SystemEvent } from "../types.js" */
/** @import { Settings } from "./options.js" */

/**
 * @typedef {object} SubscriptionHost
 * @property {(room: string, after: number, limit: number, signal: AbortSignal) => Promise<MessagePage>} history
 * @property {(subscription: Subscription) => Promise<void>} leave
 * @property {(subscription: Subscription, error: RealtimeError) => void} drop
 * @property {() => string | undefined} node
 * @property {Settings} settings
 * @property {Clock} clock
 */

/**
 * A room's live stream. It outlives sockets: after a loss the connection resumes it from its last message, and what the buffer could not hold is
 * fetched from the history. So every message behind the starting position comes once and in order, until the subscription ends.
 *
 * Take the messages by `for await (const message of subscription.messages)`, which goes at your pace, or by the event "message", which goes at the room's. With both the loop sets the pace. The same holds
 * for `signals` (event "signal") and `systemEvents` (event "system"), except that these are not stored: of those that nobody takes the oldest are dropped and counted.
 *
 * `layout` says how the server subscribes to the room, for diagnostics only. The event "layout" reports a change while the stream runs. Nothing else
 * depends on it.
 *
 * The event "ended" comes once; `event.detail.error` is null when the caller requested it. Events carry what they bring in `event.detail`.
 */
export class Subscription extends Emitter {
  #host;
  #buffer;
  /** @type {EventQueue<Signal>} */
  #signals;
  /** @type {EventQueue<SystemEvent>} */
  #systemEvents;
  #options;
  #readers;
  #repair;
  /** @type {RoomLayout | null} */
  #layout = null;
  /** @type {(value: void) => void} */
  #start = () => undefined;
  /** @type {(error: RealtimeError) => void} */
  #refuse = () => undefined;
  /** Types that somebody has listened to. */
  #listened = new Set();
  #pumping = false;
  #ended = false;
  #stats = { received: 0, duplicates: 0, discarded: 0, repaired: 0, resumed: 0 };

  /**
   * @param {string} room
   * @param {SubscribeOptions} options
   * @param {SubscriptionHost} host
   */
  constructor(room, options, host) {
    super();
    /** Room id. */
    this.room = room;
    this.#options = options;
    this.#host = host;
    this.#buffer = new MessageBuffer(host.settings.buffer);
    this.#signals = new EventQueue(host.settings.eventBuffer);
    this.#systemEvents = new EventQueue(host.settings.eventBuffer);
    this.#readers = new MessageReaders(() => this.#buffer.take(), () => this.#pump());
    this.#repair = new GapRepair(host, this.#buffer, {
      room,
      order: this.order,
      take: (messages) => this.#takeOld(messages),
      goOn: () => this.#pump(),
      lost: (error) => host.drop(this, error),
    });
    /**
     * Settles when the server has answered the first subscribe.
     * @type {Promise<void>}
     */
    this.started = new Promise((resolve, reject) => {
      this.#start = resolve;
      this.#refuse = reject;
    });
    this.started.catch(() => undefined); // Those who await it see the error.
  }

  /** Who sorts on the way: "server" or "client". */
  get order() {
    return this.#options.order ?? "server";
  }

  /** Seq of the last message that was handed out; pass it as `after` to continue from there elsewhere. */
  get lastSeq() {
    return this.#buffer.taken;
  }

  /** Newest seq that is known to exist in the room. */
  get head() {
    return this.#buffer.head;
  }

  /** How the server listens to the room, as it said last; null: it did not say. */
  get layout() {
    return this.#layout;
  }

  get hasEnded() {
    return this.#ended;
  }

  /** @returns {SubscriptionStats} */
  get stats() {
    return { ...this.#stats, droppedSignals: this.#signals.dropped, droppedSystemEvents: this.#systemEvents.dropped };
  }

  /**
   * Messages, once each and in order. Ends with the subscription: with a RealtimeError unless the caller ended it.
   * @returns {AsyncIterable<LiveMessage>}
   */
  get messages() {
    return { [Symbol.asyncIterator]: () => this.#readers.iterate() };
  }

  /**
   * Signals of others in the room.
   * @returns {AsyncIterable<Signal>}
   */
  get signals() {
    return this.#signals;
  }

  /**
   * What happened to the room and its members.
   * @returns {AsyncIterable<SystemEvent>}
   */
  get systemEvents() {
    return this.#systemEvents;
  }

  /**
   * @param {string} type
   * @param {((event: CustomEvent) => void) | EventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    this.#listened.add(type);
    if (type === "message") {
      // Not at once: a caller that adds several listeners needs all of them in place when the first message comes.
      queueMicrotask(() => this.#pump());
    }
  }

  /** Ends the subscription. */
  async unsubscribe() {
    await this.#host.leave(this);
  }

  /**
   * Where the next socket resumes; undefined: at the newest message.
   * @internal
   */
  get resumeAfter() {
    return this.#buffer.resumeAfter ?? this.#options.after;
  }

  /** @internal */
  get isStarted() {
    return this.#buffer.isStarted;
  }

  /**
   * @internal
   * @param {number} after
   * @param {number} head
   * @param {RoomLayout | null} layout
   */
  onSubscribed(after, head, layout) {
    if (this.#ended) {
      return;
    }

    this.onLayout(layout);

    if (this.#buffer.isStarted) {
      this.#stats.resumed++;
    }

    this.#buffer.start(after, head);
    this.#start();
    this.#pump();
  }

  /**
   * @internal
   * @param {RoomLayout | null} layout Null: nothing that could be read.
   */
  onLayout(layout) {
    const known = this.#layout;
    if (this.#ended || !layout || (known && known.name === layout.name && known.shards === layout.shards && known.epoch === layout.epoch)) {
      return;
    }

    this.#layout = layout;
    this.emit("layout", layout);
  }

  /**
   * @internal
   * @param {Message} message
   */
  onMessage(message) {
    if (this.#ended) {
      return;
    }

    const outcome = this.#buffer.offer(this.#received(message, "live"));
    this.#stats.received++;
    this.#stats.duplicates += outcome === "duplicate" ? 1 : 0;
    this.#stats.discarded += outcome === "discarded" ? 1 : 0;
    this.#pump();
  }

  /**
   * @internal
   * @param {Signal} signal
   */
  onSignal(signal) {
    this.#bring("signal", this.#signals, signal);
  }

  /**
   * @internal
   * @param {SystemEvent} event
   */
  onSystem(event) {
    this.#bring("system", this.#systemEvents, event);
  }

  /**
   * @internal
   * @param {RealtimeError | null} error Null: the caller requested it.
   * @param {string} [reason] As the server gave it.
   */
  end(error, reason) {
    if (this.#ended) {
      return;
    }

    this.#ended = true;
    const reasonOfEnd = error ?? new RealtimeError("closed", "The subscription was ended.");
    this.#repair.stop(reasonOfEnd);
    this.#refuse(reasonOfEnd);
    this.#signals.end(error);
    this.#systemEvents.end(error);
    this.#readers.end(error);
    this.emit("ended", { error, reason });
  }

  get #isWanted() {
    return this.#readers.areWaiting || (this.#listened.has("message") && !this.#readers.areThere);
  }

  /** Hands out the messages that are there and wanted, then repairs gaps. A listener may call anything of ours: the outermost call does the work. */
  #pump() {
    if (this.#pumping) {
      return;
    }

    this.#pumping = true;
    try {
      while (!this.#ended && this.#isWanted) {
        const message = this.#buffer.take();
        if (!message) {
          break;
        }

        this.#repair.forgetFailures();
        this.#readers.give(message);
        this.emit("message", message);
      }
    } finally {
      this.#pumping = false;
    }

    this.#repair.watch(!this.#ended && this.#isWanted);
  }

  /**
   * @param {Message[]} messages Of the history.
   * @returns {number} How many were new.
   */
  #takeOld(messages) {
    const before = this.#stats.repaired;
    for (const message of messages) {
      if (this.#buffer.offer(this.#received(message, "history")) === "held") {
        this.#stats.repaired++;
      }
    }

    return this.#stats.repaired - before;
  }

  /**
   * @template T
   * @param {string} type
   * @param {EventQueue<T>} queue
   * @param {T} item
   */
  #bring(type, queue, item) {
    if (this.#ended) {
      return;
    }

    // A caller that listens and never iterates has taken it.
    if (queue.isRead || !this.#listened.has(type)) {
      queue.push(item);
    }

    this.emit(type, item);
  }

  /**
   * @param {Message} message
   * @param {Delivery["source"]} source
   * @returns {LiveMessage}
   */
  #received(message, source) {
    const receivedAt = this.#host.clock.now();
    return {
      ...message,
      delivery: { source, receivedAt, delay: receivedAt - Date.parse(message.sentAt), ...(source === "live" ? { node: this.#host.node() } : {}) },
    };
  }
}
