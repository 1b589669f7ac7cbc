// @ts-check

/** Names of people, by user id. Display names are chosen freely, so two people can have the same one; user names are unique. */
export class People {
  /** @type {Map<string, { displayName: string, username: string | undefined, removed: boolean }>} */
  #known = new Map();
  /** @type {Map<string, Set<string>>} People by what is seen of their names. */
  #bearers = new Map();

  /**
   * @param {string} user
   * @param {string} displayName
   * @param {string} [username]
   */
  know(user, displayName, username) {
    const before = this.#known.get(user);
    if (before && before.displayName !== displayName) {
      this.#bearers.get(seen(before.displayName))?.delete(user);
    }

    this.#known.set(user, { displayName, username: username ?? before?.username, removed: false });
    const name = seen(displayName);
    const bearers = this.#bearers.get(name) ?? new Set();
    this.#bearers.set(name, bearers.add(user));
  }

  /**
   * A removed user: its names are no longer shown, and its id distinguishes it from others.
   * @param {string} user
   */
  bury(user) {
    this.know(user, "Removed user");
    this.#known.set(user, { displayName: "Removed user", username: undefined, removed: true });
  }

  /** @param {string} user */
  has(user) {
    return this.#known.has(user);
  }

  /** Those who are still there. */
  get ids() {
    return [...this.#known].filter(([, { removed }]) => !removed).map(([user]) => user);
  }

  /** @param {string} user */
  displayNameOf(user) {
    return this.#known.get(user)?.displayName;
  }

  /**
   * What distinguishes a person from others of the same name; null if the name is unique.
   * @param {string} user
   */
  handleOf(user) {
    const known = this.#known.get(user);
    if (!known || (this.#bearers.get(seen(known.displayName))?.size ?? 0) < 2) {
      return null;
    }

    return known.username ? `@${known.username}` : `#${user.slice(-6)}`;
  }
}

/**
 * Names that look the same are the same.
 * @param {string} name
 */
function seen(name) {
  return name.normalize("NFKC").trim().toLowerCase();
}
