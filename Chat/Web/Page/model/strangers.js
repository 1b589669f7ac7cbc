// @ts-check

/** @import { ChatClient } from "../sdk/realtime.js" */
/** @import { People } from "./people.js" */

const atOnce = 4;

/** Names of people whose messages are shown but who are in none of our rooms: they left, or were removed. Each is fetched once. */
export class Strangers {
  #client;
  #people;
  #found;
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {string[]} */
  #waiting = [];
  #running = 0;

  /**
   * @param {ChatClient} client
   * @param {People} people
   * @param {() => void} found
   */
  constructor(client, people, found) {
    this.#client = client;
    this.#people = people;
    this.#found = found;
  }

  /** @param {string} user */
  ask(user) {
    if (this.#asked.has(user) || this.#people.has(user)) {
      return;
    }

    this.#asked.add(user);
    this.#waiting.push(user);
    if (this.#running < atOnce) {
      this.#running++;
      void this.#work();
    }
  }

  async #work() {
    for (let user = this.#waiting.shift(); user !== undefined; user = this.#waiting.shift()) {
      try {
        const { displayName, username, status } = await this.#client.account.user(user);
        if (status === "removed") {
          this.#people.bury(user);
        } else if (!this.#people.has(user)) {
          this.#people.know(user, displayName, username);
        }

        this.#found();
      } catch {
        this.#asked.delete(user); // Asked again when it is shown again.
      }
    }

    this.#running--;
  }
}
