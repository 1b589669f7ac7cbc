// @ts-check

/** @import { Clock } from "./types.js" */

/** Timers take 31 bits; what is longer fires at once. */
const longest = 2 ** 31 - 1;

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, Math.min(milliseconds, longest)),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};

/**
 * A promise that ends with the other one, or with the signal. The other one continues, as others may await it.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function orAborted(promise, signal) {
  if (!signal) {
    return promise;
  }

  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) {
      promise.catch(() => undefined); // Nobody else may be listening.
      abort();
      return;
    }

    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * @param {Clock} clock
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function delay(clock, milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }

    const abort = () => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/**
 * Full jitter: a random time between zero and a bound that doubles with each failure, so that clients that failed together do not retry together.
 * @param {number} attempt Failures in a row, from 1.
 * @param {number} min Bound after the first failure.
 * @param {number} max Largest bound.
 * @param {() => number} random
 */
export function jitter(attempt, min, max, random) {
  return Math.min(max, min * 2 ** Math.min(Math.max(attempt, 1) - 1, 30)) * random();
}
