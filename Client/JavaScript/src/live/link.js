// @ts-check

import { ChatError, RealtimeError } from "../errors.js";
import { jitter } from "../time.js";
import { CloseCodes, shouldReconnect } from "./close-codes.js";
import { KeepAlive, renewBefore } from "./keep-alive.js";
import { listenToNetwork } from "./network-hints.js";
import { FrameSocket } from "./socket.js";

/** @import { Clock, ConnectionState } from "../types.js" */
/** @import { AccessToken, Tokens } from "../tokens.js" */
/** @import { Settings } from "./options.js" */
/** @import { SocketEnd } from "./socket.js" */

/**
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {any} WebSocket Constructor.
 * @property {Tokens} tokens
 * @property {(signal: AbortSignal) => Promise<unknown>} checkToken Asks session about the token, which is renewed or ended by it.
 * @property {Clock} clock
 * @property {() => number} random
 * @property {EventTarget | null} events Brings "online", "offline", "pageshow" and "visibilitychange".
 */

/**
 * @typedef {object} LinkListener
 * @property {(socket: FrameSocket) => void} onWelcome A new socket is open.
 * @property {(frame: any, isAnswer: boolean) => void} onFrame
 * @property {(state: ConnectionState) => void} onState
 * @property {(error: RealtimeError | null) => void} onEnd It will not reconnect. Null: the caller requested it. The last state follows.
 */

/**
 * How an attempt ended.
 * @typedef {object} Loss
 * @property {RealtimeError} [end] Set when there must be no other.
 * @property {number} [code]
 * @property {string} [reason]
 * @property {number} [openFor] Milliseconds since the welcome, if there was one.
 */

/**
 * A socket that reconnects. One loop: token, handshake, welcome, frames until the socket ends, wait, again. A frame that is not answered in time
 * means that the socket is dead although no close arrived; it is abandoned and the loop continues. Only four things end the loop: `close()`, a close
 * code that says not to reconnect, a session that has ended, and an address that no socket can be made for.
 *
 * A browser does not say why a handshake failed. So after one that did, the token is put to the test at session: if that is the reason, it is renewed there or the loop ends.
 */
export class Link {
  #with;
  #settings;
  #on;
  #stop = new AbortController();
  /** @type {FrameSocket | null} The socket at hand, welcomed or not. */
  #socket = null;
  /** @type {FrameSocket | null} The socket that was welcomed. */
  #open = null;
  /** @type {KeepAlive | null} Of that socket. */
  #keepAlive = null;
  /** @type {(() => void) | null} Ends the wait before the next attempt. */
  #hurry = null;
  #loop;

  /**
   * @param {Surroundings} surroundings
   * @param {Settings} settings
   * @param {LinkListener} listener
   */
  constructor(surroundings, settings, listener) {
    this.#with = surroundings;
    this.#settings = settings;
    this.#on = listener;
    const unlisten = this.#listen();
    this.#loop = this.#run().finally(unlisten);
  }

  /** The socket that is open; null while there is none. */
  get open() {
    return this.#open;
  }

  get isClosing() {
    return this.#stop.signal.aborted;
  }

  get roundTrip() {
    return this.#keepAlive?.roundTrip ?? null;
  }

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
      this.#on.onState({ state: "connecting", attempt });
      const loss = await this.#attempt(this.#stop.signal);
      const { code, reason, end } = loss;
      if (end) {
        this.#on.onEnd(end);
        this.#on.onState({ state: "closed", attempt: 0, code, reason: reason ?? end.message });
        return;
      }

      if (!this.isClosing) {
        attempt = loss.openFor !== undefined && loss.openFor >= stableAfter ? 1 : attempt + 1;
        const wait = hintOf(loss, reconnectMax) ?? jitter(attempt, reconnectMin, reconnectMax, random);
        this.#on.onState({ state: "waiting", attempt, retryAt: clock.now() + wait, code, reason });
        await this.#pause(wait);
      }

      if (this.isClosing) {
        this.#on.onEnd(null);
        this.#on.onState({ state: "closed", attempt: 0, reason: "The connection was closed." });
        return;
      }
    }
  }

  /**
   * One socket from token to end.
   * @param {AbortSignal} stop
   * @returns {Promise<Loss>}
   */
  async #attempt(stop) {
    const { clock, tokens } = this.#with;
    let token;
    try {
      token = await tokens.get(renewBefore, stop);
    } catch (error) {
      return afterTokenFailure(error);
    }

    let welcomedAt = 0;
    /** @type {SocketEnd} */
    let socketEnd;
    try {
      socketEnd = await this.#converse(token, () => {
        welcomedAt = clock.now();
      });
    } catch (error) {
      return { end: new RealtimeError("closed", "No socket can be opened: " + (error instanceof Error ? error.message : error), { cause: error }) };
    }

    const { opened, code, reason } = socketEnd;
    if (code === CloseCodes.tokenExpired) {
      tokens.invalidate(token.value);
    }

    if (!shouldReconnect(code) && !stop.aborted) {
      if (code === CloseCodes.sessionRevoked) {
        tokens.sessionEnded();
      }

      return { code, reason, end: new RealtimeError("closed", `The server closed the connection for good: ${code} ${reason}`) };
    }

    if (!opened && !stop.aborted) {
      try {
        await this.#with.checkToken(stop);
      } catch (error) {
        const failure = afterTokenFailure(error);
        return failure.end ? failure : { code, reason };
      }
    }

    return { code, reason, openFor: welcomedAt > 0 ? clock.now() - welcomedAt : undefined };
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
            this.#on.onFrame(frame, isAnswer);
          } else if (frame.type === "welcome") {
            socket.forget(patience);
            onWelcome();
            this.#welcome(socket, token, frame);
          } else {
            socket.abandon(`The server began with '${frame.type}' instead of a welcome.`);
          }
        },
        onEnd: (end) => {
          this.#socket = null;
          this.#open = null;
          this.#keepAlive = null;
          resolve(end);
        },
      });
      const patience = socket.later(settings.connectTimeout, () => socket.abandon(`No welcome within ${settings.connectTimeout} ms.`));
      this.#socket = socket;
    });
  }

  /**
   * @param {FrameSocket} socket
   * @param {AccessToken} token
   * @param {any} welcome
   */
  #welcome(socket, token, welcome) {
    const { clock, tokens } = this.#with;
    this.#open = socket;
    this.#keepAlive = new KeepAlive(socket, { clock, tokens, stop: this.#stop.signal }, { token, pingInterval: welcome.pingInterval });
    this.#on.onWelcome(socket);
    if (this.#open === socket) {
      this.#on.onState({ state: "open", attempt: 0, node: textOf(welcome.node), connection: textOf(welcome.connection) });
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

  #listen() {
    const { events, clock, random } = this.#with;
    const probe = () => void this.#keepAlive?.ping(this.#settings.probeTimeout);
    return listenToNetwork(events, {
      worse: probe,
      better: () => {
        probe();
        const hurry = this.#hurry;
        if (hurry) {
          // Not at once: whole offices come online together.
          clock.setTimeout(() => this.#hurry === hurry && hurry(), this.#settings.reconnectMin * random());
        }
      },
    });
  }
}

/**
 * A node that is leaving spreads its clients itself, by a hint in the close reason.
 * @param {Loss} loss
 * @param {number} most
 */
function hintOf({ code, reason }, most) {
  return code === CloseCodes.draining && reason !== undefined && /^\d{1,9}$/.test(reason) ? Math.min(Number(reason), most) : undefined;
}

/**
 * @param {unknown} error
 * @returns {Loss}
 */
function afterTokenFailure(error) {
  const reason = error instanceof Error ? error.message : String(error);
  const isFinal = error instanceof ChatError && (error.status === 401 || error.status === 400 || error.status === 403);
  return { reason, ...(isFinal ? { end: new RealtimeError("bad-token", reason, { cause: error }) } : {}) };
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : undefined;
}
