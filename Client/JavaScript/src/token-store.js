// @ts-check

import { ChatError, ProblemTypes } from "./errors.js";
import { newId } from "./ids.js";
import { delay } from "./time.js";

/** @import { Clock, TokenResponse, TokenStorage } from "./types.js" */

/**
 * @typedef {object} Held
 * @property {TokenResponse} response
 * @property {number} expiresAt End of the access token, in milliseconds since 1970.
 * @property {number} version Grows with every exchange and sign-in, in any tab.
 */

/** @typedef {"logout" | "session-ended"} Ended Why nobody is signed in now. */

/** Longest wait for the other tab's exchange; its own deadlines are shorter. */
const lockTimeout = 60_000;

/** How long a tab waits until its view of the storage shows what another tab is known to have written. */
const catchUpLimit = 5_000;
const catchUpInterval = 20;

/** How long a lease lasts if its owner never releases it, and how long a claim must last before it counts. */
const leaseLife = 40_000;
const leaseSettle = 60;
const leaseRetry = 150;

/** Tokens of one client, not shared. */
export class MemoryTokenStore {
  isShared = false;
  /** @type {Held | null} */
  #held = null;

  /** @returns {Held | null} */
  read() {
    return this.#held;
  }

  /** @param {Held} held */
  write(held) {
    this.#held = held;
  }

  /** @param {Ended} _reason */
  end(_reason) {
    this.#held = null;
  }

  /** @returns {Ended | null} */
  get ended() {
    return null;
  }

  /** @param {number} _version */
  holds(_version) {}

  release() {}

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  exclusively(work) {
    return work();
  }

  /** @param {() => void} _changed */
  watch(_changed) {
    return () => undefined;
  }
}

/**
 * Tokens in a Storage that several tabs share. A refresh token is good for one exchange, and a second one ends the session, so only one tab exchanges
 * at a time, and the next one takes what it stored. Web Locks ensure that where they exist (every current browser, in secure contexts).
 *
 * The lock alone is not enough: tabs may be processes, each with a view of the storage that lags behind, and nothing orders a write before the release of a lock. Locks themselves are one truth for all
 * tabs. So each tab holds, shared, a lock whose name says which version of the tokens it has, and gets it before it releases the exclusive one. The
 * next tab asks which versions there are, and waits until its view of the storage shows the newest.
 *
 * Without Web Locks a lease in the storage replaces them, which two tabs can both believe to hold. The server's grace for a lost answer then saves
 * the session, unless both continue.
 */
export class SharedTokenStore {
  isShared = true;
  #storage;
  #key;
  #locks;
  #events;
  #clock;
  #random;
  #version = 0;
  /** @type {() => void} Releases the lock that represents the version. */
  #unannounce = () => undefined;
  /** @type {Promise<void>} */
  #announcing = Promise.resolve();

  /** @param {{ storage: TokenStorage, key: string, locks: LockManager | null, events: EventTarget | null, clock: Clock, random: () => number }} options */
  constructor(options) {
    this.#storage = options.storage;
    this.#key = options.key;
    this.#locks = options.locks;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** @returns {Held | null} */
  read() {
    const text = this.#storage.getItem(this.#key);
    if (text === null) {
      return null;
    }

    try {
      const held = JSON.parse(text);
      const response = held?.response;
      return typeof held?.expiresAt === "number" && typeof held.version === "number" && typeof response?.accessToken === "string" && typeof response?.refreshToken === "string" && typeof response?.user?.id === "string"
        ? held
        : null;
    } catch {
      // Somebody else's entry, or one of another version: as good as none.
      return null;
    }
  }

  /**
   * Nobody is signed in now. Signing out leaves nothing; a revoked session leaves a mark, so that every tab reports the same.
   * @param {Ended} reason
   */
  end(reason) {
    if (reason !== "logout") {
      try {
        this.#storage.setItem(this.#key, JSON.stringify({ ended: reason }));
        return;
      } catch {
        // Full: then the other tabs only see that nobody is signed in.
      }
    }

    this.#storage.removeItem(this.#key);
  }

  /** Why there is nothing to read, where somebody has said so. @returns {Ended | null} */
  get ended() {
    try {
      return JSON.parse(this.#storage.getItem(this.#key) ?? "{}")?.ended === "session-ended" ? "session-ended" : null;
    } catch {
      return null; // Somebody else's entry.
    }
  }

  /** @param {Held} held */
  write(held) {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(held));
    } catch (error) {
      throw new ChatError({ status: 0, type: ProblemTypes.storageUnavailable, detail: "The tokens could not be stored." }, error);
    }
  }

  /**
   * This tab has that version of the tokens.
   * @param {number} version
   */
  holds(version) {
    if (this.#locks && version !== this.#version) {
      const before = this.#unannounce;
      this.#version = version;
      this.#announcing = this.#announce(this.#locks, version).then(before);
    }
  }

  /** This tab no longer has tokens. */
  release() {
    this.#version = 0;
    this.#unannounce();
  }

  /**
   * Runs while no other tab does.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async exclusively(work) {
    const stop = new AbortController();
    const timer = this.#clock.setTimeout(() => stop.abort(failure("Another tab did not finish renewing the tokens.")), lockTimeout);
    try {
      const locks = this.#locks;
      if (locks) {
        return await locks.request(this.#key, { signal: stop.signal }, async () => {
          this.#clock.clearTimeout(timer);
          await this.#catchUp(locks);
          try {
            return await work();
          } finally {
            await this.#announcing;
          }
        });
      }

      const owner = newId();
      await this.#claim(owner, stop.signal);
      try {
        return await work();
      } finally {
        if (this.#owner() === owner) {
          this.#storage.removeItem(this.#leaseKey);
        }
      }
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  /**
   * Calls back when another tab has changed the tokens.
   * @param {() => void} changed
   * @returns {() => void} Ends it.
   */
  watch(changed) {
    /** @param {Event} event */
    const listener = (event) => {
      const key = /** @type {StorageEvent} */ (event).key;
      if (key === this.#key || key === null) {
        changed();
      }
    };
    this.#events?.addEventListener("storage", listener);
    return () => this.#events?.removeEventListener("storage", listener);
  }

  get #versionPrefix() {
    return `${this.#key}.version.`;
  }

  /**
   * @param {LockManager} locks
   * @param {number} version
   * @returns {Promise<void>} Settles when every tab can know.
   */
  #announce(locks, version) {
    return new Promise((resolve) => {
      locks
        .request(this.#versionPrefix + version, { mode: "shared" }, () => {
          resolve();
          return new Promise((release) => {
            this.#unannounce = () => release(undefined);
          });
        })
        .catch(() => resolve()); // The page is going away, and with it what it had to say.
    });
  }

  /** @param {LockManager} locks */
  async #catchUp(locks) {
    const { held = [] } = await locks.query();
    const versions = held.map(({ name }) => (name?.startsWith(this.#versionPrefix) ? Number(name.slice(this.#versionPrefix.length)) : 0));
    const newest = Math.max(0, ...versions);
    const end = this.#clock.now() + catchUpLimit;
    while ((this.read()?.version ?? newest) < newest && this.#clock.now() < end) {
      await delay(this.#clock, catchUpInterval);
    }
  }

  get #leaseKey() {
    return `${this.#key}.lease`;
  }

  /** Who holds the lease; null when nobody does. */
  #owner() {
    const [owner, until] = (this.#storage.getItem(this.#leaseKey) ?? "").split(" ");
    return owner && Number(until) > this.#clock.now() ? owner : null;
  }

  /**
   * @param {string} owner
   * @param {AbortSignal} signal
   */
  async #claim(owner, signal) {
    for (;;) {
      if (this.#owner() === null) {
        try {
          this.#storage.setItem(this.#leaseKey, `${owner} ${this.#clock.now() + leaseLife}`);
        } catch {
          return; // Full: nobody can hold it.
        }

        // Of two that wrote at once the later one stays; the earlier one sees it after a while.
        await delay(this.#clock, leaseSettle, signal);
        if (this.#owner() === owner) {
          return;
        }
      }

      await delay(this.#clock, leaseRetry * (0.5 + this.#random()), signal);
    }
  }
}

/**
 * @param {string} detail
 * @param {unknown} [cause]
 */
function failure(detail, cause) {
  return new ChatError({ status: 0, type: ProblemTypes.dependencyUnavailable, detail }, cause);
}
