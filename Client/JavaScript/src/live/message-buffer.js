// @ts-check

/** @import { LiveMessage } from "../types.js" */

/**
 * The messages of one subscription between the socket and the application: drops second copies, holds back what came early, and knows what is missing.
 *
 * Invariant: everything up to `taken` has been given to the application, once and in order. Slots hold messages with a seq in (taken, taken + capacity]. A message past that is discarded but remembered
 * in `head`: it shows as a gap, and gaps are filled from the history. So memory is bounded, and a reader that is too slow for the room costs calls to the history instead of messages.
 */
export class MessageBuffer {
  #capacity;
  /** @type {Map<number, LiveMessage>} */
  #slots = new Map();
  #started = false;
  #taken = 0;
  #head = 0;
  #discarded = 0;
  /** Everything up to here is in a slot or was taken. */
  #contiguous = 0;

  /** @param {number} capacity */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  get isStarted() {
    return this.#started;
  }

  /** Seq of the last message given to the application. */
  get taken() {
    return this.#taken;
  }

  /** Highest seq known to exist. */
  get head() {
    return this.#head;
  }

  /** Position to resume from: the last message before the first missing one. Undefined before the stream has started. */
  get resumeAfter() {
    return this.#started ? this.#contiguous : undefined;
  }

  /** Whether the next message may have been here and was discarded: then the socket will not bring it again. */
  get hasDiscardedNext() {
    return this.#taken < this.#discarded;
  }

  /** Whether the next message is known to exist and is not here. */
  get hasGap() {
    return this.#started && this.#contiguous === this.#taken && this.#head > this.#taken;
  }

  /**
   * Sets where the stream starts; later calls, after a reconnect, only raise the head.
   * @param {number} after
   * @param {number} head
   */
  start(after, head) {
    if (!this.#started) {
      this.#started = true;
      this.#taken = after;
      this.#contiguous = after;
    }

    this.#head = Math.max(this.#head, head, this.#taken);
  }

  /**
   * @param {LiveMessage} message
   * @returns {"held" | "duplicate" | "discarded"}
   */
  offer(message) {
    const { seq } = message;
    if (!this.#started || seq <= this.#taken || this.#slots.has(seq)) {
      return "duplicate";
    }

    this.#head = Math.max(this.#head, seq);
    if (seq - this.#taken > this.#capacity) {
      this.#discarded = Math.max(this.#discarded, seq);
      return "discarded";
    }

    this.#slots.set(seq, message);
    while (this.#slots.has(this.#contiguous + 1)) {
      this.#contiguous++;
    }

    return "held";
  }

  /**
   * The next message in order; undefined when it is not there.
   * @returns {LiveMessage | undefined}
   */
  take() {
    const message = this.#slots.get(this.#taken + 1);
    if (message) {
      this.#taken++;
      this.#slots.delete(this.#taken);
    }

    return message;
  }
}
