// @ts-check

/** Most rooms whose drafts are kept; the oldest goes first. */
const most = 50;

/**
 * Unsent text, by room. Survives reloads of the tab and the end of a session: the user finds it after the next sign-in.
 */
export class Drafts {
  #key;
  /** @type {Map<string, string>} */
  #texts;

  /** @param {string} owner */
  constructor(owner) {
    this.#key = `chat.drafts.${owner}`;
    this.#texts = this.#read();
  }

  /** @param {string} room */
  of(room) {
    return this.#texts.get(room) ?? "";
  }

  /**
   * @param {string} room
   * @param {string} text
   */
  keep(room, text) {
    if (this.of(room) === text) {
      return;
    }

    this.#texts.delete(room);
    if (text !== "") {
      this.#texts.set(room, text);
      for (const oldest of [...this.#texts.keys()].slice(0, Math.max(0, this.#texts.size - most))) {
        this.#texts.delete(oldest);
      }
    }

    this.#write();
  }

  /** Leaves nothing for the next user of this browser. */
  clear() {
    this.#texts.clear();
    this.#write();
  }

  /** @returns {Map<string, string>} */
  #read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return new Map(Array.isArray(kept) ? kept.filter((entry) => Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === "string")).slice(-most) : []);
    } catch {
      // From another version, or storage is off: there are no drafts then.
      return new Map();
    }
  }

  #write() {
    try {
      if (this.#texts.size === 0) {
        sessionStorage.removeItem(this.#key);
      } else {
        sessionStorage.setItem(this.#key, JSON.stringify([...this.#texts]));
      }
    } catch {
      // Full or switched off: then it lasts as long as the page.
    }
  }
}
