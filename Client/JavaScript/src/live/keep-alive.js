// @ts-check

import { ChatError, RealtimeError } from "../errors.js";

/** @import { Clock } from "../types.js" */
/** @import { AccessToken, Tokens } from "../tokens.js" */
/** @import { FrameSocket } from "./socket.js" */

/** A token is renewed on the open socket so long before its end, in milliseconds. */
export const renewBefore = 60_000;
const renewRetry = 5_000;
const leastRenewWait = 1_000;
const defaultPingInterval = 20;

/** What keeps one socket open: pings, and a fresh token before the old one ends. Stops with the socket. */
export class KeepAlive {
  #socket;
  #clock;
  #tokens;
  #stop;
  /** @type {number | null} */
  #roundTrip = null;

  /**
   * @param {FrameSocket} socket
   * @param {{ clock: Clock, tokens: Tokens, stop: AbortSignal }} surroundings
   * @param {{ token: AccessToken, pingInterval: unknown }} start
   */
  constructor(socket, { clock, tokens, stop }, { token, pingInterval }) {
    this.#socket = socket;
    this.#clock = clock;
    this.#tokens = tokens;
    this.#stop = stop;
    const seconds = typeof pingInterval === "number" && pingInterval > 0 ? Math.min(Math.max(pingInterval, 1), 3_600) : defaultPingInterval;
    this.#pingLater(seconds * 1000);
    this.#renewLater(token, leastRenewWait);
  }

  /** Milliseconds that the last ping took; null when there was none. */
  get roundTrip() {
    return this.#roundTrip;
  }

  /**
   * An answer that does not come in time is the socket's end.
   * @param {number} [timeout]
   */
  async ping(timeout) {
    const start = this.#clock.now();
    try {
      await this.#socket.request({ type: "ping" }, timeout);
      this.#roundTrip = this.#clock.now() - start;
    } catch (error) {
      // A closed socket notifies its owner itself. "rate-limited" is an answer, too: the connection is alive.
      if (!(error instanceof RealtimeError)) {
        throw error;
      }
    }
  }

  /** @param {number} interval */
  #pingLater(interval) {
    this.#socket.later(interval, async () => {
      await this.ping();
      this.#pingLater(interval);
    });
  }

  /**
   * @param {AccessToken} token
   * @param {number} least
   */
  #renewLater(token, least) {
    this.#socket.later(Math.max(token.expiresAt - renewBefore - this.#clock.now(), least), async () => {
      try {
        const next = await this.#tokens.get(renewBefore, this.#stop);
        if (next.value !== token.value) {
          await this.#socket.request({ type: "auth", token: next.value });
        }

        this.#renewLater(next, leastRenewWait);
      } catch (error) {
        if (!(error instanceof RealtimeError || error instanceof ChatError)) {
          throw error;
        }

        // Session is away, or the server will not have the token. If it stays so the server closes the socket when the token expires, and its owner decides.
        this.#renewLater(token, renewRetry);
      }
    });
  }
}
