// @ts-check

import { ChatError, RealtimeError } from "../errors.js";
import { idRule, isId } from "../ids.js";
import { jitter, orAborted } from "../time.js";
import { CloseCodes, shouldReconnect } from "./close-codes.js";
import { messageOf, positionOf, signalOf, systemEventOf } from "./frames.js";
import { settingsOf } from "./options.js";
import { away, FrameSocket } from "./socket.js";
import { Subscription } from "./subscription.js";

/** @import { Clock, ConnectionState, LiveOptions, MessagePage, SubscribeOptions } from "../types.js" */
/** @import { AccessToken, Tokens } from "../tokens.js" */
/** @import { SocketEnd } from "./socket.js" */

/** The token is renewed on the open socket so long before its end, in milliseconds. */
const renewBefore = 60_000;
const renewRetry = 5_000;
const defaultPingInterval = 20;

/** Longest payload of a signal, in UTF-8 bytes. */
const maxSignal = 32 * 1024;

/** How often a first subscribe that the server cannot serve at the moment is repeated. */
const subscribeRetries = 5;

/**
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {any} WebSocket Constructor.
 * @property {Tokens} tokens
 * @property {(signal: AbortSignal) => Promise<unknown>} checkToken Asks session about the token, which is renewed or ended by it.
 * @property {(room: string, after: number, limit: number, signal: AbortSignal) => Promise<MessagePage>} history
 * @property {Clock} clock
 * @property {() => number} random
 * @property {EventTarget | null} events Brings "online" and "offline".
 */

/**
 * A live connection that comes back by itself. Subscriptions belong to it rather than to a socket: each new socket resumes every one of them behind the last message that arrived in order.
 *
 * One loop owns the socket: connect, welcome, resume every subscription, receive until the socket ends, wait, again. A frame that is not answered in time means that the socket is dead although nobody
 * said so; it is given up and the loop goes on. Only four things end the loop: `close()`, a close code that says not to come back, a session that has ended, and an address that no socket can be made for.
 *
 * A browser does not say why a handshake failed. So after one that did, the token is put to the test at session: if that is the reason, it is renewed there or the loop ends.
 *
 * Event "statechange" (`event.detail` is a ConnectionState).
 */
export class LiveConnection extends EventTarget {
  #with;
  #settings;
  /** @type {ConnectionState} */
  #state = { state: "connecting", attempt: 0 };
  /** @type {Map<string, Subscription>} */
  #subscriptions = new Map();
  /** @type {FrameSocket | null} The socket at hand, welcomed or not. */
  #socket = null;
  /** @type {FrameSocket | null} The socket that was welcomed. */
  #open = null;
  #stop = new AbortController();
  /** @type {RealtimeError | null} */
  #end = null;
  /** @type {(() => void) | null} Ends the wait before the next attempt. */
  #hurry = null;
  /** @type {number | null} */
  #roundTrip = null;
  /** @type {Promise<void>} */
  #loop;
  /** @type {(value: void) => void} */
  #welcomed = () => undefined;
  /** @type {(error: RealtimeError) => void} */
  #refused = () => undefined;

  /**
   * @param {LiveOptions} options
   * @param {Surroundings} surroundings
   */
  constructor(options, surroundings) {
    super();
    this.#settings = settingsOf(options);
    this.#with = surroundings;
    /**
     * Fulfilled when the server has welcomed the connection for the first time; fails when it ended before.
     * @type {Promise<void>}
     */
    this.ready = new Promise((resolve, reject) => {
      this.#welcomed = resolve;
      this.#refused = reject;
    });
    this.ready.catch(() => undefined); // Whoever waits hears of it.
    const unlisten = this.#listen();
    this.#loop = this.#run().finally(unlisten);
  }

  /** Where the connection stands. */
  get state() {
    return this.#state;
  }

  /** Milliseconds that the last ping took; null when there was none on this socket. */
  get roundTrip() {
    return this.#roundTrip;
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
      history: this.#with.history,
      leave: (leaving) => this.#leave(leaving),
      drop: (dropped, error) => this.#drop(dropped, error),
      node: () => this.#state.node,
      settings: this.#settings,
      clock: this.#with.clock,
    });
    this.#subscriptions.set(room, subscription);
    if (this.#open) {
      this.#sendSubscribe(this.#open, subscription, 0);
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
   * @param {unknown} data Any JSON but null, up to 32 KiB.
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

    if (!this.#open) {
      throw away();
    }

    await this.#open.request({ type: "signal", room, data, to });
  }

  /** Ends all subscriptions and closes the socket. */
  async close() {
    this.#stop.abort(new RealtimeError("closed", "The connection was closed."));
    this.#hurry?.();
    this.#socket?.close();
    await this.#loop;
  }

  async #run() {
    const { clock, random } = this.#with;
    const { reconnectMin, reconnectMax, stableAfter } = this.#settings;
    let attempt = 0;
    for (;;) {
      this.#setState({ state: "connecting", attempt });
      const loss = await this.#live(this.#stop.signal);
      if (this.#stop.signal.aborted || loss.end) {
        this.#finish(loss.end ?? null, loss);
        return;
      }

      attempt = loss.openFor !== undefined && loss.openFor >= stableAfter ? 1 : attempt + 1;
      const wait = hintOf(loss, reconnectMax) ?? jitter(attempt, reconnectMin, reconnectMax, random);
      this.#setState({ state: "waiting", attempt, retryAt: clock.now() + wait, code: loss.code, reason: loss.reason });
      await this.#pause(wait);
      if (this.#stop.signal.aborted) {
        this.#finish(null, {});
        return;
      }
    }
  }

  /**
   * One socket from token to end.
   * @param {AbortSignal} stop
   * @returns {Promise<{ end?: RealtimeError, code?: number, reason?: string, openFor?: number }>}
   */
  async #live(stop) {
    const { clock, tokens } = this.#with;
    let token;
    try {
      token = await tokens.get(renewBefore, stop);
    } catch (error) {
      return afterTokenFailure(error);
    }

    let openedAt = 0;
    /** @type {SocketEnd} */
    let socketEnd;
    try {
      socketEnd = await this.#converse(token, () => {
        openedAt = clock.now();
      });
    } catch (error) {
      return { end: new RealtimeError("closed", "No socket can be opened: " + (error instanceof Error ? error.message : error), { cause: error }) };
    }

    const { opened, code, reason } = socketEnd;
    if (code === CloseCodes.tokenExpired) {
      tokens.invalidate(token.value);
    }

    if (code === CloseCodes.sessionRevoked) {
      tokens.signedOut("session-ended");
    }

    if (!shouldReconnect(code)) {
      return { code, reason, end: new RealtimeError("closed", `The server closed the connection for good: ${code} ${reason}`) };
    }

    if (!opened && !stop.aborted) {
      try {
        await this.#with.checkToken(stop);
      } catch (error) {
        return { ...afterTokenFailure(error), code };
      }
    }

    return { code, reason, openFor: openedAt > 0 ? clock.now() - openedAt : undefined };
  }

  /**
   * @param {AccessToken} token
   * @param {() => void} onWelcome
   * @returns {Promise<SocketEnd>}
   */
  #converse(token, onWelcome) {
    return new Promise((resolve) => {
      const { WebSocket, url, clock } = this.#with;
      const settings = this.#settings;
      const socket = new FrameSocket({
        WebSocket,
        url,
        token: token.value,
        clock,
        settings,
        onFrame: (frame, isAnswer) => {
          if (this.#open === socket) {
            this.#dispatch(frame, isAnswer);
          } else if (frame.type === "welcome") {
            socket.forget(patience);
            onWelcome();
            this.#onWelcome(socket, token, frame);
          } else {
            socket.abandon(`The server began with '${frame.type}' instead of a welcome.`);
          }
        },
        onEnd: (end) => {
          this.#socket = null;
          this.#open = null;
          this.#roundTrip = null;
          resolve(end);
        },
      });
      const patience = socket.later(settings.connectTimeout, () => socket.abandon(`No welcome within ${settings.connectTimeout} ms.`));
      this.#socket = socket;
      if (this.#stop.signal.aborted) {
        socket.close();
      }
    });
  }

  /**
   * @param {FrameSocket} socket
   * @param {AccessToken} token
   * @param {any} welcome
   */
  #onWelcome(socket, token, welcome) {
    this.#open = socket;
    for (const subscription of this.#subscriptions.values()) {
      this.#sendSubscribe(socket, subscription, 0);
    }

    const interval = Number.isFinite(welcome.pingInterval) ? Math.min(Math.max(welcome.pingInterval, 1), 3_600) : defaultPingInterval;
    this.#pingLater(socket, interval * 1000);
    this.#renewLater(socket, token, 0);
    this.#setState({ state: "open", attempt: 0, node: textOf(welcome.node), connection: textOf(welcome.connection) });
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
          subscription.onSubscribed(position.after, position.head);
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
   * Sends the subscribe frame for where the subscription stands. When the socket ends before the answer, the next one repeats it.
   * @param {FrameSocket} socket
   * @param {Subscription} subscription
   * @param {number} tries
   */
  #sendSubscribe(socket, subscription, tries) {
    const { room, order, resumeAfter } = subscription;
    socket.request({ type: "subscribe", room, after: resumeAfter, order }).catch((error) => {
      if (this.#open !== socket || this.#subscriptions.get(room) !== subscription || (error.code === "already-subscribed" && subscription.isStarted)) {
        return;
      }

      if (error.retryAfter !== undefined && (subscription.isStarted || tries < subscribeRetries)) {
        socket.later(Math.min(Math.max(error.retryAfter, 0.1), 30) * 1000, () => {
          if (this.#subscriptions.get(room) === subscription) {
            this.#sendSubscribe(socket, subscription, tries + 1);
          }
        });
        return;
      }

      this.#drop(subscription, error);
    });
  }

  /**
   * @param {FrameSocket} socket
   * @param {number} interval
   */
  #pingLater(socket, interval) {
    socket.later(interval, () => {
      this.#ping(socket).finally(() => this.#pingLater(socket, interval));
    });
  }

  /**
   * @param {FrameSocket} socket
   * @param {number} [timeout]
   */
  async #ping(socket, timeout) {
    const start = this.#with.clock.now();
    try {
      await socket.request({ type: "ping" }, timeout);
      this.#roundTrip = this.#with.clock.now() - start;
    } catch (error) {
      // A socket that is over has told the loop. "rate-limited" is an answer, too: the line is alive.
      if (!(error instanceof RealtimeError)) {
        throw error;
      }
    }
  }

  /**
   * @param {FrameSocket} socket
   * @param {AccessToken} token
   * @param {number} least
   */
  #renewLater(socket, token, least) {
    const { clock, tokens } = this.#with;
    const wait = Math.max(token.expiresAt - renewBefore - clock.now(), 1_000, least);
    socket.later(wait, async () => {
      try {
        const next = await tokens.get(renewBefore, this.#stop.signal);
        if (next.value !== token.value) {
          await socket.request({ type: "auth", token: next.value });
        }

        this.#renewLater(socket, next, 0);
      } catch (error) {
        if (!(error instanceof RealtimeError || error instanceof ChatError)) {
          throw error;
        }

        // Session is away, or the server will not have the token. If it stays so the server closes the socket when the token expires, and the loop decides.
        this.#renewLater(socket, token, renewRetry);
      }
    });
  }

  /** @param {Subscription} subscription */
  async #leave(subscription) {
    if (this.#subscriptions.get(subscription.room) !== subscription) {
      return;
    }

    this.#subscriptions.delete(subscription.room);
    subscription.end(null);
    try {
      await this.#open?.request({ type: "unsubscribe", room: subscription.room });
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

  /**
   * @param {RealtimeError | null} error Null: it was asked for.
   * @param {{ code?: number, reason?: string }} loss
   */
  #finish(error, { code, reason }) {
    this.#end = error ?? new RealtimeError("closed", "The connection was closed.");
    const left = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of left) {
      subscription.end(error);
    }

    this.#refused(this.#end);
    this.#setState({ state: "closed", attempt: 0, ...(error ? { code, reason: reason ?? error.message } : { reason: this.#end.message }) });
  }

  #throwIfEnded() {
    if (this.#end || this.#stop.signal.aborted) {
      throw new RealtimeError("closed", this.#end?.message ?? "The connection was closed.", { cause: this.#end ?? undefined });
    }
  }

  /** @param {number} milliseconds */
  #pause(milliseconds) {
    const { clock } = this.#with;
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      const go = () => {
        clock.clearTimeout(timer);
        this.#hurry = null;
        resolve();
      };
      const timer = clock.setTimeout(go, milliseconds);
      this.#hurry = go;
    }));
  }

  /** What the machine says about its network is a hint, never proof: it makes us ask sooner. */
  #listen() {
    const { events, clock, random } = this.#with;
    if (!events) {
      return () => undefined;
    }

    const probe = () => {
      if (this.#open) {
        void this.#ping(this.#open, this.#settings.probeTimeout);
      }
    };
    const online = () => {
      probe();
      if (this.#hurry) {
        // Not at once: whole offices come online together.
        const hurry = this.#hurry;
        clock.setTimeout(() => {
          if (this.#hurry === hurry) {
            hurry();
          }
        }, this.#settings.reconnectMin * random());
      }
    };
    events.addEventListener("online", online);
    events.addEventListener("pageshow", online);
    events.addEventListener("offline", probe);
    return () => {
      events.removeEventListener("online", online);
      events.removeEventListener("pageshow", online);
      events.removeEventListener("offline", probe);
    };
  }

  /** @param {ConnectionState} state */
  #setState(state) {
    this.#state = state;
    this.dispatchEvent(new CustomEvent("statechange", { detail: state }));
  }
}

/**
 * A node that is leaving spreads its clients itself, by a hint in the close reason.
 * @param {{ code?: number, reason?: string }} loss
 * @param {number} most
 */
function hintOf({ code, reason }, most) {
  return code === CloseCodes.draining && reason !== undefined && /^\d{1,9}$/.test(reason) ? Math.min(Number(reason), most) : undefined;
}

/** @param {unknown} error */
function afterTokenFailure(error) {
  const reason = error instanceof Error ? error.message : String(error);
  const isFinal = error instanceof ChatError && (error.status === 401 || error.status === 400 || error.status === 403);
  return { reason, ...(isFinal ? { end: new RealtimeError("bad-token", reason, { cause: error }) } : {}) };
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : undefined;
}
