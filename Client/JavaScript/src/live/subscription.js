// @ts-check

import { Emitter } from "../emitter.js";
import { ChatError, RealtimeError } from "../errors.js";
import { EventQueue } from "./event-queue.js";
import { MessageBuffer } from "./message-buffer.js";

/** @import { Clock, Delivery, LiveMessage, Message, MessagePage, Signal, SubscribeOptions, SubscriptionStats, SystemEvent } from "../types.js" */
/** @import { Settings } from "./options.js" */

/** Bounds of the wait between two calls of the history that brought nothing, in milliseconds. */
const firstHistoryWait = 1_000;
const longestHistoryWait = 30_000;

/** Most messages of one page of the history. */
const historyPage = 500;

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
 * A room's live stream. It outlives sockets: after a loss the connection resumes it where it stood, and what the buffer could not hold is fetched from the history. So every message behind the starting
 * position comes once and in order, until the subscription ends.
 *
 * Take the messages by `for await (const message of subscription.messages)`, which goes at your pace, or by the event "message", which goes at the room's. With both the loop sets the pace. The same holds
 * for `signals` (event "signal") and `systemEvents` (event "system"), except that these are not stored: of those that nobody takes the oldest are dropped and counted.
 *
 * The event "ended" comes once; `event.detail.error` is null when that was asked for. Events carry what they bring in `event.detail`.
 */
export class Subscription extends Emitter {
  #host;
  #buffer;
  /** @type {EventQueue<Signal>} */
  #signals;
  /** @type {EventQueue<SystemEvent>} */
  #systemEvents;
  #options;
  #stop = new AbortController();
  /** @type {(value: void) => void} */
  #start = () => undefined;
  /** @type {(error: RealtimeError) => void} */
  #refuse = () => undefined;
  /** @type {{ resolve: (result: IteratorResult<LiveMessage, undefined>) => void, reject: (error: unknown) => void }[]} */
  #waiting = [];
  #readers = 0;
  /** Types that somebody has listened to. */
  #listened = new Set();
  #pumping = false;
  #ended = false;
  /** @type {RealtimeError | null} */
  #error = null;
  /** @type {any} */
  #gapTimer = null;
  #gapBehind = -1;
  #repairing = false;
  #emptyRepairs = 0;
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
    /**
     * Settles when the server has answered the first subscribe.
     * @type {Promise<void>}
     */
    this.started = new Promise((resolve, reject) => {
      this.#start = resolve;
      this.#refuse = reject;
    });
    this.started.catch(() => undefined); // Whoever waits hears of it.
  }

  /** Who sorts on the way: "server" or "client". */
  get order() {
    return this.#options.order ?? "server";
  }

  /** Seq of the last message that was handed out; pass it as `after` to go on from there elsewhere. */
  get lastSeq() {
    return this.#buffer.taken;
  }

  /** Newest seq that is known to exist in the room. */
  get head() {
    return this.#buffer.head;
  }

  get hasEnded() {
    return this.#ended;
  }

  /** @returns {SubscriptionStats} */
  get stats() {
    return { ...this.#stats, droppedSignals: this.#signals.dropped, droppedSystemEvents: this.#systemEvents.dropped };
  }

  /**
   * Messages, once each and in order. Ends with the subscription: with a RealtimeError when that was not asked for.
   * @returns {AsyncIterable<LiveMessage>}
   */
  get messages() {
    return { [Symbol.asyncIterator]: () => this.#iterate() };
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
      // Not at once: whoever subscribes to several events wants none to be missing when the first message comes.
      queueMicrotask(() => this.#pump());
    }
  }

  /** Ends the subscription. */
  async unsubscribe() {
    await this.#host.leave(this);
  }

  /**
   * Where the next socket has to go on; undefined: at the newest message.
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
   */
  onSubscribed(after, head) {
    if (this.#ended) {
      return;
    }

    if (this.#buffer.isStarted) {
      this.#stats.resumed++;
    }

    this.#buffer.start(after, head);
    this.#start();
    this.#pump();
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
   * @param {RealtimeError | null} error Null: it was asked for.
   * @param {string} [reason] As the server gave it.
   */
  end(error, reason) {
    if (this.#ended) {
      return;
    }

    this.#ended = true;
    this.#error = error;
    this.#stop.abort(error ?? new RealtimeError("closed", "The subscription was ended."));
    this.#clearGap();
    this.#refuse(error ?? new RealtimeError("closed", "The subscription was ended."));
    this.#signals.end(error);
    this.#systemEvents.end(error);
    for (const waiting of this.#waiting.splice(0)) {
      this.#answerEnded(waiting);
    }

    this.emit("ended", { error, reason });
  }

  /** @returns {AsyncIterator<LiveMessage, undefined>} */
  #iterate() {
    this.#readers++;
    let open = true;
    return {
      next: () => (open ? this.#next() : Promise.resolve({ value: undefined, done: true })),
      return: () => {
        this.#readers -= open ? 1 : 0;
        open = false;
        this.#pump();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** @returns {Promise<IteratorResult<LiveMessage, undefined>>} */
  #next() {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        this.#answerEnded({ resolve, reject });
        return;
      }

      this.#waiting.push({ resolve, reject });
      this.#pump();
    });
  }

  /**
   * What came in order before the end is still good, unless the application itself wanted no more.
   * @param {{ resolve: (result: IteratorResult<LiveMessage, undefined>) => void, reject: (error: unknown) => void }} waiting
   */
  #answerEnded({ resolve, reject }) {
    const message = this.#error ? this.#buffer.take() : undefined;
    if (message) {
      resolve({ value: message, done: false });
    } else if (this.#error) {
      reject(this.#error);
    } else {
      resolve({ value: undefined, done: true });
    }
  }

  get #isWanted() {
    return this.#waiting.length > 0 || (this.#listened.has("message") && this.#readers === 0);
  }

  /** Hands out what is there and wanted, then sees to what is missing. A listener may call anything of ours: the outermost call does the work. */
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

        this.#forgetFailures();
        this.#waiting.shift()?.resolve({ value: message, done: false });
        this.emit("message", message);
      }
    } finally {
      this.#pumping = false;
    }

    this.#watch();
  }

  /** When the next message is missing although it is known to exist, waits a while for the socket to bring it, then fetches it. */
  #watch() {
    if (this.#repairing) {
      return; // The timer, if there is one, is the repair's.
    }

    if (this.#ended || !this.#isWanted || !this.#buffer.hasGap) {
      this.#clearGap();
      return;
    }

    if (this.#gapTimer !== null && this.#gapBehind === this.#buffer.taken) {
      return;
    }

    this.#clearGap();
    if (this.#buffer.hasDiscardedNext || this.#emptyRepairs > 0) {
      void this.#repair();
      return;
    }

    this.#gapBehind = this.#buffer.taken;
    const { reorderWindow, repairAfter } = this.#host.settings;
    this.#gapTimer = this.#host.clock.setTimeout(
      () => {
        this.#gapTimer = null;
        void this.#repair();
      },
      this.order === "client" ? reorderWindow : repairAfter,
    );
  }

  /** The stream moves: what comes next starts over. */
  #forgetFailures() {
    this.#emptyRepairs = 0;
    if (this.#repairing && this.#gapTimer !== null) {
      this.#clearGap();
      this.#repairing = false;
    }
  }

  #clearGap() {
    this.#host.clock.clearTimeout(this.#gapTimer);
    this.#gapTimer = null;
  }

  async #repair() {
    this.#repairing = true;
    let wait = 0;
    try {
      const page = await this.#host.history(this.room, this.#buffer.taken, Math.min(historyPage, this.#host.settings.buffer), this.#stop.signal);
      if (this.#ended) {
        return;
      }

      const before = this.#stats.repaired;
      for (const message of page.messages) {
        if (this.#buffer.offer(this.#received(message, "history")) === "held") {
          this.#stats.repaired++;
        }
      }

      this.#emptyRepairs = this.#buffer.hasGap && this.#stats.repaired === before ? this.#emptyRepairs + 1 : 0;
    } catch (error) {
      if (this.#ended) {
        return;
      }

      if (error instanceof ChatError && (error.status === 403 || error.status === 404)) {
        this.#host.drop(this, new RealtimeError("not-a-member", error.message, { cause: error }));
        return;
      }

      // The history is away, or has had enough of us: the socket may still bring the messages.
      this.#emptyRepairs++;
      wait = error instanceof ChatError ? (error.retryAfter ?? 0) * 1000 : 0;
    }

    if (this.#emptyRepairs > 0) {
      wait = Math.max(wait, Math.min(longestHistoryWait, firstHistoryWait * 2 ** (this.#emptyRepairs - 1)));
      this.#gapTimer = this.#host.clock.setTimeout(() => this.#goOn(), wait);
    } else {
      this.#goOn();
    }
  }

  #goOn() {
    this.#gapTimer = null;
    this.#repairing = false;
    this.#pump();
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

    // Whoever listens and never iterates has taken it.
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
