// @ts-check

/** @import { LiveConnection } from "../../realtime.js" */
/** @import { ConnectionState } from "../../src/types.js" */

/**
 * The states of a connection from now on.
 * @param {LiveConnection} connection
 * @returns {ConnectionState[]} Grows.
 */
export function recordStates(connection) {
  /** @type {ConnectionState[]} */
  const states = [];
  connection.addEventListener("statechange", (event) => states.push(event.detail));
  return states;
}

/**
 * Takes what comes into a list that grows. An error that ends it is the list's last entry.
 * @template T
 * @param {AsyncIterable<T>} items
 * @returns {(T | Error)[]}
 */
export function collect(items) {
  /** @type {(T | Error)[]} */
  const taken = [];
  void (async () => {
    try {
      for await (const item of items) {
        taken.push(item);
      }
    } catch (error) {
      taken.push(/** @type {Error} */ (error));
    }
  })();
  return taken;
}

/** @param {readonly any[]} messages */
export function seqsOf(messages) {
  return messages.map((message) => message.seq ?? message);
}
