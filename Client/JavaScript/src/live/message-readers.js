// @ts-check

/** @import { RealtimeError } from "../errors.js" */
/** @import { LiveMessage } from "../types.js" */

/** @typedef {{ resolve: (result: IteratorResult<LiveMessage, undefined>) => void, reject: (error: unknown) => void }} Waiting */

/** The loops over a subscription's messages: each message goes to the one that has waited longest. */
export class MessageReaders {
  #take;
  #pump;
  /** @type {Waiting[]} */
  #waiting = [];
  #open = 0;
  #ended = false;
  /** @type {RealtimeError | null} */
  #error = null;

  /**
   * @param {() => LiveMessage | undefined} take The next message in order, if it is there.
   * @param {() => void} pump Hands out what is there and wanted.
   */
  constructor(take, pump) {
    this.#take = take;
    this.#pump = pump;
  }

  /** Whether a loop is under way: then it sets the pace. */
  get areThere() {
    return this.#open > 0;
  }

  /** Whether one of them waits for a message. */
  get areWaiting() {
    return this.#waiting.length > 0;
  }

  /** @returns {AsyncIterator<LiveMessage, undefined>} */
  iterate() {
    this.#open++;
    let open = true;
    return {
      next: () => (open ? this.#next() : Promise.resolve({ value: undefined, done: true })),
      return: () => {
        this.#open -= open ? 1 : 0;
        open = false;
        this.#pump();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** @param {LiveMessage} message */
  give(message) {
    this.#waiting.shift()?.resolve({ value: message, done: false });
  }

  /** @param {RealtimeError | null} error Null: the caller requested it. */
  end(error) {
    this.#ended = true;
    this.#error = error;
    for (const waiting of this.#waiting.splice(0)) {
      this.#answerEnded(waiting);
    }
  }

  /** @returns {Promise<IteratorResult<LiveMessage, undefined>>} */
  #next() {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        this.#answerEnded({ resolve, reject });
        return;
      }

      this.#waiting.push({ resolve, reject });
      this.#pump();
    });
  }

  /**
   * What came in order before the end is still good, unless the application itself wanted no more.
   * @param {Waiting} waiting
   */
  #answerEnded({ resolve, reject }) {
    const message = this.#error ? this.#take() : undefined;
    if (message) {
      resolve({ value: message, done: false });
    } else if (this.#error) {
      reject(this.#error);
    } else {
      resolve({ value: undefined, done: true });
    }
  }
}
