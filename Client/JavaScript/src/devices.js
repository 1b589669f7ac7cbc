// @ts-check

/** @import { TokenStorage } from "./types.js" */

/** More users than sign in on one device; the one whose login is longest ago is forgotten. */
const maxUsers = 8;

/**
 * Lets the session service recognize this device: a user who was signed in here before is not slowed down by strangers that guess passwords under the
 * same name. It outlives signing out, and gives no right. Losing it costs only that, so a storage that is full, blocked or holds something else is no
 * error here.
 */
export class KnownDevice {
  #storage;
  #key;

  /** @type {[user: string, device: string][]} */
  #memory = [];

  /** @param {TokenStorage | undefined} storage @param {string} key */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
  }

  /**
   * @param {string} tenant
   * @param {string} username
   * @returns {string | undefined}
   */
  find(tenant, username) {
    return this.#read().find(([user]) => user === userKey(tenant, username))?.[1];
  }

  /**
   * @param {string} tenant
   * @param {string} username
   * @param {string} device
   */
  remember(tenant, username, device) {
    const user = userKey(tenant, username);
    const others = this.#read().filter(([other]) => other !== user);
    this.#memory = [/** @type {[string, string]} */ ([user, device]), ...others].slice(0, maxUsers);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.#memory));
    } catch {
      // Full or blocked: this page still knows.
    }
  }

  /** @returns {[string, string][]} */
  #read() {
    try {
      const text = this.#storage?.getItem(this.#key) ?? null;
      const entries = text === null ? null : JSON.parse(text);
      return Array.isArray(entries) && entries.every((entry) => Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === "string"))
        ? entries
        : this.#memory;
    } catch {
      return this.#memory; // Blocked, or somebody else's entry.
    }
  }
}

/**
 * @param {string} tenant
 * @param {string} username
 */
function userKey(tenant, username) {
  return `${tenant}/${username.toLowerCase()}`;
}
