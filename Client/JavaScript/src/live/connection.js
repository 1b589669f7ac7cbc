// @ts-check

import { Emitter } from "../emitter.js";
import { RealtimeError } from "../errors.js";
import { idRule, isId } from "../ids.js";
import { orAborted } from "../time.js";
import { layoutOf, messageOf, positionOf, signalOf, systemEventOf } from "./frames.js";
import { Link } from "./link.js";
import { settingsOf } from "./options.js";
import { away } from "./socket.js";
import { Subscription } from "./subscription.js";

/** @import { ConnectionState, LiveOptions, MessagePage, SubscribeOptions } from "../types.js" */
/** @import { Surroundings } from "./link.js" */
/** @import { FrameSocket } from "./socket.js" */

/** Longest payload of a signal, in UTF-8 bytes. */
const maxSignal = 32 * 1024;

/** How often a first subscribe that the server cannot serve at the moment is repeated. */
const subscribeRetries = 5;

/** @typedef {(room: string, after: number, limit: number, signal: AbortSignal) => Promise<MessagePage>} History */

/**
 * A live connection that reconnects automatically (link.js). Subscriptions belong to it rather than to a socket: each new socket resumes every one of
 * them behind the last message that arrived in order.
 *
 * Event "statechange" (`event.detail` is a ConnectionState).
 */
export class LiveConnection extends Emitter {
  #settings;
  #history;
  #clock;
  #link;
  /** @type {ConnectionState} */
  #state = { state: "connecting", attempt: 0 };
  /** @type {Map<string, Subscription>} */
  #subscriptions = new Map();
  /** @type {RealtimeError | null} */
  #end = null;
  /** @type {(value: void) => void} */
  #welcomed = () => undefined;
  /** @type {(error: RealtimeError) => void} */
  #refused = () => undefined;

  /**
   * @param {LiveOptions} options
   * @param {Surroundings & { history: History }} surroundings
   */
  constructor(options, surroundings) {
    super();
    this.#settings = settingsOf(options);
    this.#history = surroundings.history;
    this.#clock = surroundings.clock;
    /**
     * Fulfilled when the server has welcomed the connection for the first time; fails when it ended before.
     * @type {Promise<void>}
     */
    this.ready = new Promise((resolve, reject) => {
      this.#welcomed = resolve;
      this.#refused = reject;
    });
    this.ready.catch(() => undefined); // Those who await it see the error.
    this.#link = new Link(surroundings, this.#settings, {
      onWelcome: (socket) => this.#onWelcome(socket),
      onFrame: (frame, isAnswer) => this.#dispatch(frame, isAnswer),
      onState: (state) => this.#setState(state),
      onEnd: (error) => this.#finish(error),
    });
  }

  /** State of the connection. */
  get state() {
    return this.#state;
  }

  /** Milliseconds that the last ping took; null when there was none on this socket. */
  get roundTrip() {
    return this.#link.roundTrip;
  }

  /**
   * Subscribes to a room and waits until the stream has started. It lives until it is ended, the user loses the room, or the connection ends for good.
   * @param {string} room
   * @param {SubscribeOptions} [options]
   * @returns {Promise<Subscription>} Fails with RealtimeError: no member, bad position, too many subscriptions, or the connection has ended.
   */
  async subscribe(room, options = {}) {
    if (!isId(room)) {
      throw new TypeError(`A room id is ${idRule}.`);
    }

    if (options.after !== undefined && !(Number.isSafeInteger(options.after) && options.after >= 0)) {
      throw new TypeError("'after' is the seq of a message, or 0.");
    }

    this.#throwIfEnded();
    if (this.#subscriptions.has(room)) {
      throw new RealtimeError("already-subscribed", `This connection is subscribed to '${room}' already.`);
    }

    const subscription = new Subscription(room, options, {
      history: this.#history,
      leave: (leaving) => this.#leave(leaving),
      drop: (dropped, error) => this.#drop(dropped, error),
      node: () => this.#state.node,
      settings: this.#settings,
      clock: this.#clock,
    });
    this.#subscriptions.set(room, subscription);
    const socket = this.#link.open;
    if (socket) {
      this.#sendSubscribe(socket, subscription, 0);
    }

    try {
      await orAborted(subscription.started, options.signal);
      return subscription;
    } catch (error) {
      void subscription.unsubscribe();
      throw error;
    }
  }

  /**
   * Sends a signal to the other sockets of a room, or to one user's. Settles when the server has taken it; signals are not stored.
   * @param {string} room A room with a subscription on this connection.
   * @param {unknown} data Any JSON but null, up to 32 KiB, nested at most 63 deep.
   * @param {{ to?: string }} [options] `to`: only to this user.
   * @returns {Promise<void>} Fails with RealtimeError: refused, or "closed" while the connection is away.
   */
  async signal(room, data, { to } = {}) {
    this.#throwIfEnded();
    const text = data === null ? undefined : JSON.stringify(data);
    if (text === undefined) {
      throw new TypeError("The data of a signal is any JSON but null.");
    }

    if (new TextEncoder().encode(text).length > maxSignal) {
      throw new RealtimeError("too-large", `The data of a signal is at most ${maxSignal} bytes long.`);
    }

    const socket = this.#link.open;
    if (!socket) {
      throw away();
    }

    await socket.request({ type: "signal", room, data, to });
  }

  /** Ends all subscriptions and closes the socket. */
  async close() {
    await this.#link.close();
  }

  /** @param {FrameSocket} socket */
  #onWelcome(socket) {
    for (const subscription of this.#subscriptions.values()) {
      this.#sendSubscribe(socket, subscription, 0);
    }

    this.#welcomed();
  }

  /**
   * @param {any} frame
   * @param {boolean} isAnswer
   */
  #dispatch(frame, isAnswer) {
    const subscription = typeof frame.room === "string" ? this.#subscriptions.get(frame.room) : undefined;
    if (!subscription) {
      return;
    }

    switch (frame.type) {
      case "subscribed": {
        // Here and not where the answer is awaited: the next frame may be the room's first message.
        const position = positionOf(frame);
        if (position) {
          subscription.onSubscribed(position.after, position.head, layoutOf(frame));
        }

        break;
      }

      case "message": {
        const message = messageOf(frame);
        if (message) {
          subscription.onMessage(message);
        }

        break;
      }

      case "layout":
        subscription.onLayout(layoutOf(frame));
        break;
      case "signal":
        subscription.onSignal(signalOf(frame));
        break;
      case "system":
        subscription.onSystem(systemEventOf(frame));
        break;
      case "unsubscribed":
        // The answer to an unsubscribe of ours may meet a newer subscription to the same room.
        if (!isAnswer) {
          const reason = textOf(frame.reason);
          this.#drop(subscription, new RealtimeError("not-a-member", `The server ended the subscription: ${reason}.`), reason);
        }

        break;
    }
  }

  /**
   * Sends the subscribe frame from the subscription's position. If the socket ends before the answer, the next one repeats it.
   * @param {FrameSocket} socket
   * @param {Subscription} subscription
   * @param {number} tries
   */
  #sendSubscribe(socket, subscription, tries) {
    const { room, order, resumeAfter } = subscription;
    const answered = () => {
      if (this.#subscriptions.get(room) === subscription && !subscription.isStarted) {
        socket.abandon("The server answered a subscribe with no position.");
      }
    };
    const refused = (/** @type {RealtimeError} */ error) => {
      if (this.#link.open !== socket || this.#subscriptions.get(room) !== subscription || (error.code === "already-subscribed" && subscription.isStarted)) {
        return;
      }

      if (error.retryAfter === undefined || (!subscription.isStarted && tries >= subscribeRetries)) {
        this.#drop(subscription, error);
        return;
      }

      socket.later(Math.min(Math.max(error.retryAfter, 0.1), 30) * 1000, () => {
        if (this.#subscriptions.get(room) === subscription) {
          this.#sendSubscribe(socket, subscription, tries + 1);
        }
      });
    };
    socket.request({ type: "subscribe", room, after: resumeAfter, order }).then(answered, refused);
  }

  /** @param {Subscription} subscription */
  async #leave(subscription) {
    if (this.#subscriptions.get(subscription.room) !== subscription) {
      return;
    }

    this.#subscriptions.delete(subscription.room);
    subscription.end(null);
    try {
      await this.#link.open?.request({ type: "unsubscribe", room: subscription.room });
    } catch (error) {
      // The socket is gone and the subscription with it, or there was none: nothing is left to undo.
      if (!(error instanceof RealtimeError)) {
        throw error;
      }
    }
  }

  /**
   * @param {Subscription} subscription
   * @param {RealtimeError} error
   * @param {string} [reason]
   */
  #drop(subscription, error, reason) {
    if (this.#subscriptions.get(subscription.room) === subscription) {
      this.#subscriptions.delete(subscription.room);
    }

    subscription.end(error, reason);
  }

  /** @param {RealtimeError | null} error Null: the caller requested it. */
  #finish(error) {
    this.#end = error ?? new RealtimeError("closed", "The connection was closed.");
    const left = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of left) {
      subscription.end(error);
    }

    this.#refused(this.#end);
  }

  #throwIfEnded() {
    if (this.#end || this.#link.isClosing) {
      throw new RealtimeError("closed", this.#end?.message ?? "The connection was closed.", { cause: this.#end ?? undefined });
    }
  }

  /** @param {ConnectionState} state */
  #setState(state) {
    this.#state = state;
    this.emit("statechange", state);
  }
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : undefined;
}
