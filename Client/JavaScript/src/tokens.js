// @ts-check

import { ChatError, ProblemTypes } from "./errors.js";
import { orAborted } from "./time.js";

/** @import { Clock, TokenResponse } from "./types.js" */
/** @import { Ended, Held, MemoryTokenStore, SharedTokenStore } from "./token-store.js" */

/** Clocks differ, and a token is of use only when it arrives before its end. */
const skew = 15_000;

/** @typedef {"logout" | "session-ended" | "other-tab" | "replaced"} SignedOutReason */

/**
 * @typedef {object} AccessToken
 * @property {string} value
 * @property {number} expiresAt Milliseconds since 1970.
 */

/**
 * The tokens of one signed-in session.
 *
 * A refresh token is good for one exchange, so there is one exchange at a time, which every caller waits for and which none of them can tear away: its answer holds the only refresh token that is
 * still worth something. Where the store is shared, the exchange happens under the store's lock, and begins by looking whether another tab has made it meanwhile. Phases of an exchange: lock, read
 * the store, take what is newer, else exchange what the store holds, write, unlock. A tab that dies between exchange and write costs the session nothing as long as somebody repeats the exchange
 * within the server's grace.
 *
 * One storage key holds one user. When another tab signs in as somebody else, this one is signed out ("replaced").
 */
export class Tokens {
  #exchange;
  #store;
  #clock;
  #onTokens;
  #onSignedOut;
  /** @type {Held | null} */
  #held = null;
  /** @type {string | null} The access token that a service refused. */
  #refused = null;
  /** @type {Promise<void> | null} */
  #refreshing = null;
  /** Whether the store failed to take these tokens: this tab then keeps its own, and an empty store means nothing. */
  #alone = false;
  /** How many sign-outs are on their way to the server. */
  #leaving = 0;
  /** @type {() => void} */
  #unwatch;

  /**
   * @param {object} options
   * @param {(refreshToken: string) => Promise<TokenResponse>} options.exchange
   * @param {MemoryTokenStore | SharedTokenStore} options.store
   * @param {Clock} options.clock
   * @param {(response: TokenResponse) => void} options.onTokens
   * @param {(reason: SignedOutReason) => void} options.onSignedOut
   */
  constructor({ exchange, store, clock, onTokens, onSignedOut }) {
    this.#exchange = exchange;
    this.#store = store;
    this.#clock = clock;
    this.#onTokens = onTokens;
    this.#onSignedOut = onSignedOut;
    this.#unwatch = store.watch(() => this.#changedElsewhere());
  }

  /** @returns {TokenResponse | null} */
  get current() {
    return this.#held?.response ?? null;
  }

  /**
   * An access token that is valid for at least so many milliseconds.
   * @param {number} minimumLife
   * @param {AbortSignal} [signal]
   * @returns {Promise<AccessToken>}
   */
  async get(minimumLife, signal) {
    const token = this.#usable(minimumLife);
    if (token) {
      return token;
    }

    if (!this.#held) {
      throw nobody();
    }

    try {
      await orAborted(this.#refresh(), signal);
    } catch (error) {
      // Session is away: the old token serves as long as it lasts.
      const last = this.#lasting();
      if (signal?.aborted || !last || !(error instanceof ChatError && error.isTransient)) {
        throw error;
      }

      return last;
    }

    const fresh = this.#lasting();
    if (!fresh) {
      throw nobody();
    }

    return fresh;
  }

  /**
   * This token was refused: from now on `get` brings another.
   * @param {string} refused
   */
  invalidate(refused) {
    if (this.#held?.response.accessToken === refused) {
      this.#refused = refused;
    }
  }

  /** @param {TokenResponse} response */
  signedIn(response) {
    if (this.#held && !sameUser(this.#held.response, response)) {
      this.#end("replaced");
    }

    const failure = this.#take(this.#hold(response), true);
    if (failure) {
      throw failure;
    }
  }

  /**
   * Goes on with what the store holds.
   * @returns {Promise<TokenResponse | null>} Null when it holds nothing.
   */
  async restore() {
    const stored = this.#store.read();
    if (!stored) {
      return null;
    }

    this.#take(stored, false);
    if (!this.#usable(0)) {
      await this.#refresh();
    }

    return this.current;
  }

  /**
   * Goes on with a refresh token that the application kept.
   * @param {string} refreshToken
   * @returns {Promise<TokenResponse>}
   */
  async resume(refreshToken) {
    const response = await this.#store.exclusively(() => this.#exchange(refreshToken));
    this.signedIn(response);
    return response;
  }

  /**
   * Signs out once the server has done so. What is heard meanwhile of the session's end (the live connection is closed, another call is refused) is this sign-out, not a session that somebody revoked.
   * @param {() => Promise<void>} tell
   */
  async signOut(tell) {
    this.#leaving++;
    try {
      await tell();
      this.#signedOut("logout");
    } finally {
      this.#leaving--;
    }
  }

  /** The server has ended the session. */
  sessionEnded() {
    this.#signedOut(this.#leaving > 0 ? "logout" : "session-ended");
  }

  /** @param {Ended} reason */
  #signedOut(reason) {
    if (this.#held) {
      this.#store.end(reason);
      this.#end(reason);
    }
  }

  dispose() {
    this.#unwatch();
    this.#store.release();
  }

  /** @returns {Promise<void>} */
  #refresh() {
    const before = /** @type {Held} */ (this.#held);
    this.#refreshing ??= this.#store
      .exclusively(() => this.#refreshAlone(before))
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  /** @param {Held} before */
  async #refreshAlone(before) {
    if (this.#held !== before) {
      return; // Signed in or out, or renewed elsewhere, while waiting for the lock.
    }

    if (this.#store.isShared && this.#tookNewer(before)) {
      return;
    }

    let response;
    try {
      response = await this.#exchange(before.response.refreshToken);
    } catch (error) {
      if (this.#held !== before) {
        return;
      }

      if (error instanceof ChatError && (error.status === 401 || error.status === 400)) {
        if (this.#store.isShared && this.#tookNewer(before)) {
          return;
        }

        this.sessionEnded();
      }

      throw error;
    }

    // Signed in or out meanwhile: that is newer than what was requested.
    if (this.#held === before) {
      this.#take(this.#hold(response), true);
    }
  }

  /**
   * Whether the store holds newer tokens, or no longer any; this tab then adopts that.
   * @param {Held} before
   */
  #tookNewer(before) {
    const stored = this.#store.read();
    if (stored ? stored.version <= before.version : this.#alone) {
      return false;
    }

    this.#adopt(stored);
    return true;
  }

  #changedElsewhere() {
    const stored = this.#store.read();
    if (this.#held && (stored || !this.#alone)) {
      this.#adopt(stored);
    }
  }

  /** @param {Held | null} stored */
  #adopt(stored) {
    const held = /** @type {Held} */ (this.#held);
    if (!stored) {
      this.#end(this.#store.ended ?? "other-tab");
    } else if (!sameUser(held.response, stored.response)) {
      this.#end("replaced");
    } else if (stored.version > held.version) {
      this.#take(stored, false);
    }
  }

  /**
   * @param {Held} held
   * @param {boolean} store Whether the store does not have it yet.
   * @returns {unknown} Why the store did not take it; null when it has it.
   */
  #take(held, store) {
    this.#held = held;
    this.#refused = null;
    this.#alone = false;
    this.#onTokens(held.response);
    if (store) {
      try {
        this.#store.write(held);
      } catch (error) {
        // Other tabs wait for no version that they cannot come to see.
        this.#alone = true;
        return error;
      }
    }

    this.#store.holds(held.version);
    return null;
  }

  /** @param {SignedOutReason} reason */
  #end(reason) {
    this.#held = null;
    this.#refused = null;
    this.#store.release();
    this.#onSignedOut(reason);
  }

  /** @param {TokenResponse} response */
  #hold(response) {
    const now = this.#clock.now();
    const before = Math.max(this.#held?.version ?? 0, this.#store.read()?.version ?? 0);
    return { response, expiresAt: now + response.expiresIn * 1000, version: Math.max(now, before + 1) };
  }

  /** @param {number} minimumLife */
  #usable(minimumLife) {
    const held = this.#held;
    if (!held) {
      return null;
    }

    // A token may live shorter than the caller would like; half its life must do then, or every call would refresh.
    const wanted = Math.min(minimumLife + skew, (held.response.expiresIn * 1000) / 2);
    return held.expiresAt - this.#clock.now() >= wanted ? this.#lasting() : null;
  }

  /** @returns {AccessToken | null} */
  #lasting() {
    const held = this.#held;
    return held && held.response.accessToken !== this.#refused && held.expiresAt > this.#clock.now()
      ? { value: held.response.accessToken, expiresAt: held.expiresAt }
      : null;
  }
}

function nobody() {
  return new ChatError({ status: 401, type: ProblemTypes.unauthenticated, detail: "Nobody is signed in." });
}

/**
 * @param {TokenResponse} one
 * @param {TokenResponse} other
 */
function sameUser(one, other) {
  return one.tenant === other.tenant && one.user.id === other.user.id;
}
