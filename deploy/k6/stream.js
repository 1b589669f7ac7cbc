// @ts-check
// What a reader received of one room, checked against the contract: every number from the first one on, once and in order. Without k6, so that Node can test it.

/**
 * @typedef {object} StreamFaults
 * @property {number} lost Numbers that were skipped.
 * @property {number} doubled Numbers that came again.
 * @property {number} disorder Numbers that came after a greater one, for the first time.
 */

/** Keeps what was skipped, to distinguish a late number from a duplicate. */
export class Stream {
  /** @param {number} after The number behind which it starts. */
  constructor(after) {
    this.last = after;
    this.received = 0;
    this.doubled = 0;
    this.disorder = 0;
    /** @type {Set<number>} */
    this.skipped = new Set();
  }

  /** @param {number} seq */
  add(seq) {
    this.received++;
    if (seq > this.last) {
      for (let missing = this.last + 1; missing < seq; missing++) {
        this.skipped.add(missing);
      }

      this.last = seq;
    } else if (this.skipped.delete(seq)) {
      this.disorder++;
    } else {
      this.doubled++;
    }
  }

  /** @returns {StreamFaults} */
  faults() {
    return { lost: this.skipped.size, doubled: this.doubled, disorder: this.disorder };
  }
}
