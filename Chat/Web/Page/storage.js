// @ts-check

/**
 * What this browser keeps for the page, shared by its tabs; null where it keeps nothing, because storage is blocked for this site or altogether.
 * @returns {Storage | null}
 */
export function sharedStorage() {
  try {
    const storage = window.localStorage;
    storage.getItem("");
    return storage;
  } catch {
    return null; // Looking at it is an error then.
  }
}

/** Habits: the last workspace, the last room. Of no consequence where nothing is kept. */
export const habits = {
  /** @param {string} key */
  get(key) {
    return sharedStorage()?.getItem(key) ?? null;
  },

  /**
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    try {
      sharedStorage()?.setItem(key, value);
    } catch {
      // Full: it is asked for again.
    }
  },

  /** @param {string} key */
  remove(key) {
    sharedStorage()?.removeItem(key);
  },
};
