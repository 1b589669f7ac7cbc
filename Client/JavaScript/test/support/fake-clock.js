// @ts-check

/** Lets everything happen that needs no time: promises, and what they start. */
export async function settle() {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A clock that a test moves. */
export class FakeClock {
  #now = Date.UTC(2026, 0, 1);
  #last = 0;
  /** @type {Map<number, { at: number, callback: () => void }>} */
  #timers = new Map();

  now = () => this.#now;

  setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ milliseconds) => {
    this.#timers.set(++this.#last, { at: this.#now + Math.max(0, milliseconds), callback });
    return this.#last;
  };

  clearTimeout = (/** @type {any} */ timer) => {
    this.#timers.delete(timer);
  };

  /** Timers that have not fired. */
  get pending() {
    return this.#timers.size;
  }

  /**
   * Moves on, timer by timer, letting everything settle that a timer starts.
   * @param {number} milliseconds
   */
  async advance(milliseconds) {
    const end = this.#now + milliseconds;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!next) {
        break;
      }

      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
      await settle();
    }

    this.#now = end;
  }
}
