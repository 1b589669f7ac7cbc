// @ts-check

import { ChatError, RealtimeError } from "../errors.js";

/** @import { Message } from "../types.js" */
/** @import { MessageBuffer } from "./message-buffer.js" */
/** @import { SubscriptionHost } from "./subscription.js" */

/** Bounds of the wait between two calls of the history that brought nothing, in milliseconds. */
const firstHistoryWait = 1_000;
const longestHistoryWait = 30_000;

/** Most messages of one page of the history. */
const historyPage = 500;

/**
 * @typedef {object} RepairOwner
 * @property {string} room
 * @property {"server" | "client"} order
 * @property {(messages: Message[]) => number} take Puts messages of the history into the buffer; says how many were new to it.
 * @property {() => void} goOn The buffer may have more to hand out.
 * @property {(error: RealtimeError) => void} lost The history says that we are no longer a member of the room.
 */

/**
 * Repairs gaps in one room: a message that is known to exist is awaited for a while, since the socket may still bring it, and then fetched from the
 * history, page by page, one call at a time. A history that brings nothing is asked again, more and more rarely, for as long as somebody wants the
 * message.
 */
export class GapRepair {
  #host;
  #buffer;
  #owner;
  #stop = new AbortController();
  /** @type {any} Of the window, or of the wait between two calls. */
  #timer = null;
  /** Seq behind which something was missing when the window began. */
  #behind = -1;
  #isRepairing = false;
  /** Calls in a row that brought nothing. */
  #failures = 0;

  /**
   * @param {SubscriptionHost} host
   * @param {MessageBuffer} buffer
   * @param {RepairOwner} owner
   */
  constructor(host, buffer, owner) {
    this.#host = host;
    this.#buffer = buffer;
    this.#owner = owner;
  }

  /**
   * Looks whether the next message is missing although it is known to exist.
   * @param {boolean} isWanted Whether anybody waits for it.
   */
  watch(isWanted) {
    if (this.#isRepairing) {
      return; // The timer, if there is one, is the repair's.
    }

    if (this.#stop.signal.aborted || !isWanted || !this.#buffer.hasGap) {
      this.#clear();
      return;
    }

    if (this.#timer !== null && this.#behind === this.#buffer.taken) {
      return;
    }

    this.#clear();
    if (this.#buffer.hasDiscardedNext || this.#failures > 0) {
      void this.#repair();
      return;
    }

    this.#behind = this.#buffer.taken;
    const { reorderWindow, repairAfter } = this.#host.settings;
    this.#timer = this.#host.clock.setTimeout(
      () => {
        this.#timer = null;
        void this.#repair();
      },
      this.#owner.order === "client" ? reorderWindow : repairAfter,
    );
  }

  /** The stream moves: what comes next starts over. */
  forgetFailures() {
    this.#failures = 0;
    if (this.#isRepairing && this.#timer !== null) {
      this.#clear();
      this.#isRepairing = false;
    }
  }

  /** @param {RealtimeError} reason */
  stop(reason) {
    this.#stop.abort(reason);
    this.#clear();
  }

  #clear() {
    this.#host.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #repair() {
    this.#isRepairing = true;
    const { signal } = this.#stop;
    let wait = 0;
    try {
      const page = await this.#host.history(this.#owner.room, this.#buffer.taken, Math.min(historyPage, this.#host.settings.buffer), signal);
      if (signal.aborted) {
        return;
      }

      const repaired = this.#owner.take(page.messages);
      this.#failures = this.#buffer.hasGap && repaired === 0 ? this.#failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) {
        return;
      }

      if (error instanceof ChatError && (error.status === 403 || error.status === 404)) {
        this.#owner.lost(new RealtimeError("not-a-member", error.message, { cause: error }));
        return;
      }

      // The history is away, or has had enough of us: the socket may still bring the messages.
      this.#failures++;
      wait = error instanceof ChatError ? (error.retryAfter ?? 0) * 1000 : 0;
    }

    if (this.#failures > 0) {
      wait = Math.max(wait, Math.min(longestHistoryWait, firstHistoryWait * 2 ** (this.#failures - 1)));
      this.#timer = this.#host.clock.setTimeout(() => this.#goOn(), wait);
    } else {
      this.#goOn();
    }
  }

  #goOn() {
    this.#timer = null;
    this.#isRepairing = false;
    this.#owner.goOn();
  }
}
