// @ts-check

/**
 * Events that wait to be iterated over. Bounded: the oldest unread ones are dropped and counted.
 * @template T
 */
export class EventQueue {
  #capacity;
  /** @type {T[]} */
  #items = [];
  /** @type {{ resolve: (result: IteratorResult<T, undefined>) => void, reject: (error: unknown) => void }[]} */
  #waiting = [];
  #ended = false;
  /** @type {unknown} */
  #error = null;
  #readers = 0;
  dropped = 0;

  /** @param {number} capacity */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /** Whether somebody iterates. */
  get isRead() {
    return this.#readers > 0;
  }

  /** @param {T} item */
  push(item) {
    if (this.#ended) {
      return;
    }

    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ value: item, done: false });
      return;
    }

    if (this.#items.length === this.#capacity) {
      this.#items.shift();
      this.dropped++;
    }

    this.#items.push(item);
  }

  /**
   * What waits is still read; then the iteration ends, with the error if there is one.
   * @param {unknown} error
   */
  end(error) {
    this.#ended = true;
    this.#error = error;
    for (const waiting of this.#waiting.splice(0)) {
      if (error) {
        waiting.reject(error);
      } else {
        waiting.resolve({ value: undefined, done: true });
      }
    }
  }

  /** @returns {AsyncIterator<T, undefined>} */
  [Symbol.asyncIterator]() {
    this.#readers++;
    let open = true;
    const close = () => {
      this.#readers -= open ? 1 : 0;
      open = false;
    };
    return {
      next: () => (open ? this.#next() : Promise.resolve({ value: undefined, done: true })),
      return: () => {
        close();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** @returns {Promise<IteratorResult<T, undefined>>} */
  #next() {
    if (this.#items.length > 0) {
      return Promise.resolve({ value: /** @type {T} */ (this.#items.shift()), done: false });
    }

    if (this.#ended) {
      return this.#error ? Promise.reject(this.#error) : Promise.resolve({ value: undefined, done: true });
    }

    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
