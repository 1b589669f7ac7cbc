// @ts-check

/** The rule for every id, in words. */
export const idRule = "1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'";

const pattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * @param {unknown} id
 * @returns {id is string}
 */
export function isId(id) {
  return typeof id === "string" && pattern.test(id);
}

/** 128 random bits. Not crypto.randomUUID, which browsers offer to secure contexts only. */
export function newId() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
