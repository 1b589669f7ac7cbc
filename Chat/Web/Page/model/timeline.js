// @ts-check

/** @import { LiveMessage, Message } from "../sdk/src/types.js" */

/** @typedef {Message & { delivery?: LiveMessage["delivery"] }} Shown */

const page = 60;

/** Most messages held, and so most that the document ever shows. What leaves at one end is fetched again when somebody scrolls there. */
const most = 400;

/** Messages that came while a page was awaited; past it the stretch ends before them, and they are fetched like any newer ones. */
const mostWaiting = 1_000;

/**
 * A gap-free stretch of a room's messages, somewhere in its history or at its end. At the end it takes what comes live; elsewhere it only knows how far the room goes. Both ends are fetched page by page,
 * and the far end is evicted when the stretch becomes too long.
 *
 * Event "change".
 */
export class Timeline extends EventTarget {
  #fetch;
  /** @type {Shown[]} */
  #messages = [];
  #loaded = false;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {Shown[]} Came live while a page was awaited. */
  #waiting = [];
  /** @type {unknown} */
  #error = null;
  #head;

  /**
   * @param {(range: { after?: number, before?: number, limit: number }) => Promise<{ messages: Message[], lastSeq: number }>} fetch
   * @param {number} head
   */
  constructor(fetch, head) {
    super();
    this.#fetch = fetch;
    this.#head = head;
  }

  get messages() {
    return this.#messages;
  }

  /** Newest seq of the room. */
  get head() {
    return this.#head;
  }

  /**
   * The room is known to have messages after the last live one.
   * @param {number} head
   * @returns {boolean} Whether that is news.
   */
  raise(head) {
    if (head <= this.#head) {
      return false;
    }

    this.#see(head);
    this.#changed();
    return true;
  }

  get isLoaded() {
    return this.#loaded;
  }

  get isLoading() {
    return this.#loading !== null;
  }

  /** Why the last page did not come. */
  get error() {
    return this.#error;
  }

  /** Whether the room's first message is here. */
  get isAtStart() {
    return this.#loaded && (this.#messages.length === 0 ? this.#head === 0 : this.#messages[0].seq === 1);
  }

  /** Whether the room's newest message is here. */
  get isAtEnd() {
    return this.#loaded && this.#last >= this.#head;
  }

  get #last() {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  /** Starts over at the newest messages. */
  loadLatest() {
    return this.#load(async () => {
      const { messages, lastSeq } = await this.#fetch({ limit: page });
      this.#messages = messages;
      this.#see(lastSeq);
    }, true);
  }

  /**
   * Starts over around a message.
   * @param {number} seq
   */
  loadAround(seq) {
    return this.#load(async () => {
      const { messages, lastSeq } = await this.#fetch({ after: Math.max(0, seq - 1 - page / 2), limit: page });
      this.#messages = messages;
      this.#see(lastSeq);
    }, true);
  }

  loadOlder() {
    if (!this.#loaded || this.isAtStart) {
      return Promise.resolve();
    }

    return this.#load(async () => {
      const before = this.#messages[0]?.seq;
      const { messages } = await this.#fetch(before === undefined ? { limit: page } : { before, limit: page });
      this.#messages = [...messages, ...this.#messages].slice(0, most);
    });
  }

  loadNewer() {
    if (!this.#loaded || this.isAtEnd) {
      return Promise.resolve();
    }

    return this.#load(async () => {
      const { messages, lastSeq } = await this.#fetch({ after: this.#last, limit: page });
      this.#messages = [...this.#messages, ...messages].slice(-most);
      this.#see(lastSeq);
    });
  }

  /**
   * A message came live. They come in order.
   * @param {Shown} message
   */
  push(message) {
    if (this.#loading) {
      if (this.#waiting.length < mostWaiting) {
        this.#waiting.push(message);
      }
    } else if (this.isAtEnd) {
      this.#append(message);
    }

    this.#see(message.seq);
    this.#changed();
  }

  /** @param {Shown} message */
  #append(message) {
    if (message.seq === this.#last + 1 || this.#messages.length === 0) {
      this.#messages = [...this.#messages, message].slice(-most);
    }
  }

  /** @param {number} seq */
  #see(seq) {
    this.#head = Math.max(this.#head, seq);
  }

  /**
   * One page at a time: a call while one is being fetched gets that one, unless it starts over.
   * @param {() => Promise<void>} work
   * @param {boolean} [startsOver]
   * @returns {Promise<void>}
   */
  #load(work, startsOver = false) {
    if (this.#loading) {
      return startsOver ? this.#loading.then(() => this.#load(work, true)) : this.#loading;
    }

    this.#loading = (async () => {
      try {
        await work();
        this.#loaded = true;
        this.#error = null;
        for (const message of this.#waiting) {
          this.#append(message);
        }
      } catch (error) {
        this.#error = error;
      } finally {
        this.#waiting = [];
        this.#loading = null;
        this.#changed();
      }
    })();
    this.#changed();
    return this.#loading;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
