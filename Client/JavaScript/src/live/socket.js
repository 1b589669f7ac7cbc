// @ts-check

import { RealtimeError } from "../errors.js";

/** @import { Clock } from "../types.js" */
/** @import { Settings } from "./options.js" */

const subprotocol = "chat.v1";
const bearerPrefix = "bearer.";

/** WebSocket.OPEN; what is greater is closing or closed. */
const openState = 1;
const answers = new Set(["ack", "subscribed", "unsubscribed", "error", "pong"]);

/**
 * How a socket ended.
 * @typedef {object} SocketEnd
 * @property {boolean} opened Whether the handshake succeeded.
 * @property {number} [code] Close code, where the server sent one.
 * @property {string} reason
 */

/**
 * One WebSocket from handshake to end: frames out, frames in, answers matched to requests. Knows nothing of rooms.
 *
 * It ends exactly once, by whichever comes first: the WebSocket closes, or we abandon it (`abandon`) because it is silent or speaks another protocol.
 * After that its events are ignored, whatever the WebSocket still does: on a dead line a browser may take minutes to notice.
 */
export class FrameSocket {
  #socket;
  #clock;
  #settings;
  #onFrame;
  #onEnd;
  #opened = false;
  #ended = false;
  #lastId = 0;
  /** @type {Map<string, { type: unknown, resolve: (frame: any) => void, reject: (error: RealtimeError) => void, timer: any }>} */
  #pending = new Map();
  /** @type {Set<any>} */
  #timers = new Set();

  /**
   * @param {object} options
   * @param {any} options.WebSocket Constructor.
   * @param {string} options.url
   * @param {string} options.token
   * @param {Clock} options.clock
   * @param {Settings} options.settings
   * @param {(frame: any, isAnswer: boolean) => void} options.onFrame Called before the next frame is read, and before the answer reaches who asked.
   * @param {(end: SocketEnd) => void} options.onEnd
   */
  constructor({ WebSocket, url, token, clock, settings, onFrame, onEnd }) {
    this.#clock = clock;
    this.#settings = settings;
    this.#onFrame = onFrame;
    this.#onEnd = onEnd;
    this.#socket = new WebSocket(url, [subprotocol, bearerPrefix + token]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.#opened = true;
    };
    this.#socket.onmessage = (/** @type {{ data: unknown }} */ event) => this.#receive(event.data);
    // Says nothing that the close after it does not say; but without a listener Node's ws throws.
    this.#socket.onerror = () => undefined;
    this.#socket.onclose = (/** @type {{ code: number, reason: string }} */ event) => {
      // 1005 means "no code", 1006 "no close frame".
      const code = event.code === 1005 || event.code === 1006 ? undefined : event.code;
      this.#end(code, event.reason || (this.#opened ? "The connection was lost." : "The connection could not be opened."));
    };
  }

  get isOver() {
    return this.#ended;
  }

  /**
   * Calls back after a while, unless the socket ends before.
   * @param {number} milliseconds
   * @param {() => void} callback
   */
  later(milliseconds, callback) {
    if (this.#ended) {
      return null;
    }

    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  /** @param {any} timer From `later`. */
  forget(timer) {
    this.#timers.delete(timer);
    this.#clock.clearTimeout(timer);
  }

  /**
   * Sends a frame and waits for its answer. A socket that does not answer in time is dead, although no close arrived: it is abandoned.
   * @param {Record<string, unknown>} frame
   * @param {number} [timeout]
   * @returns {Promise<any>} Fails with RealtimeError: what the server refused with, or "closed" when the socket ended first.
   */
  request(frame, timeout = this.#settings.answerTimeout) {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(away());
        return;
      }

      const id = String(++this.#lastId);
      const timer = this.later(timeout, () => this.abandon(`No answer to '${frame.type}' within ${timeout} ms.`));
      this.#pending.set(id, { type: frame.type, resolve, reject, timer });
      if (this.#socket.readyState > openState) {
        return; // Closing: its end is on its way with the reason, and fails this. Browsers log an error for anything sent now.
      }

      try {
        this.#socket.send(JSON.stringify({ ...frame, id }));
      } catch (error) {
        // Closing already: the end is on its way, but no longer of interest.
        this.abandon(error instanceof Error ? error.message : "The socket takes nothing.");
      }
    });
  }

  /** Says goodbye, and waits for the answer within the time allowed for it. */
  close() {
    if (!this.#ended) {
      this.later(this.#settings.closeTimeout, () => this.abandon("The close was not answered."));
      this.#socket.close(1000);
    }
  }

  /**
   * Gives the socket up.
   * @param {string} reason
   */
  abandon(reason) {
    if (this.#ended) {
      return;
    }

    this.#end(undefined, reason);
    this.#socket.close();
  }

  /**
   * @param {number | undefined} code
   * @param {string} reason
   */
  #end(code, reason) {
    if (this.#ended) {
      return;
    }

    this.#ended = true;
    for (const timer of this.#timers) {
      this.#clock.clearTimeout(timer);
    }

    this.#timers.clear();
    for (const pending of this.#pending.values()) {
      pending.reject(away());
    }

    this.#pending.clear();
    this.#onEnd({ opened: this.#opened, code, reason });
  }

  /** @param {unknown} data */
  #receive(data) {
    if (this.#ended) {
      return;
    }

    const frame = this.#parse(data);
    if (!frame) {
      return;
    }

    const pending = answers.has(frame.type) && typeof frame.id === "string" ? this.#pending.get(frame.id) : undefined;
    this.#onFrame(frame, pending !== undefined);
    if (this.#ended) {
      return;
    }

    if (pending) {
      this.#settle(frame.id, frame);
    } else if (frame.type === "error" && frame.id === undefined) {
      // It does not say which frame was refused. Only signals carry what others have made, so it is one of those: waiting for an answer that never comes would end the socket.
      [...this.#pending].filter(([, waiting]) => waiting.type === "signal").forEach(([id]) => this.#settle(id, frame));
    }
  }

  /**
   * @param {string} id
   * @param {any} answer
   */
  #settle(id, answer) {
    const pending = this.#pending.get(id);
    if (!pending) {
      return;
    }

    this.#pending.delete(id);
    this.forget(pending.timer);
    if (answer.type === "error") {
      pending.reject(refusal(answer));
    } else {
      pending.resolve(answer);
    }
  }

  /** @param {unknown} data */
  #parse(data) {
    if (typeof data !== "string") {
      this.abandon("The server sent a binary frame.");
      return null;
    }

    if (data.length > this.#settings.maxFrame) {
      this.abandon(`The server sent a frame of ${data.length} characters; maxFrame is ${this.#settings.maxFrame}.`);
      return null;
    }

    try {
      const frame = JSON.parse(data);
      if (typeof frame === "object" && frame !== null && typeof frame.type === "string") {
        return frame;
      }
    } catch {
      // Reported below, like everything that is no frame.
    }

    this.abandon("The server sent something that is no frame.");
    return null;
  }
}

/** The connection is between two sockets. */
export function away() {
  return new RealtimeError("closed", "The connection is being re-established.", { retryAfter: 1 });
}

/** @param {any} frame */
function refusal(frame) {
  return new RealtimeError(
    typeof frame.code === "string" ? frame.code : "error",
    typeof frame.detail === "string" ? frame.detail : "The server refused.",
    { retryAfter: typeof frame.retryAfter === "number" && frame.retryAfter >= 0 ? frame.retryAfter : undefined },
  );
}
