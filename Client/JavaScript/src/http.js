// @ts-check

import { ChatError, ProblemTypes } from "./errors.js";
import { delay, jitter } from "./time.js";

/** @import { Clock } from "./types.js" */
/** @import { Tokens } from "./tokens.js" */

/** Problem bodies are short; a longer answer is not one of ours. */
const maxProblemLength = 16 * 1024;

/** Waits between repetitions where the service asks for none, in milliseconds. */
const firstWait = 250;
const longestWait = 5_000;

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} base Base URL.
 * @property {string} path Path with a leading slash, parameters escaped.
 * @property {Record<string, string | number | boolean | undefined>} [query]
 * @property {unknown} [json] Body, sent as JSON.
 * @property {BodyInit} [body] Body as it is.
 * @property {Record<string, string>} [headers]
 * @property {Tokens} [tokens] Whose access token to send.
 * @property {boolean} [repeatable] Whether the call may be made twice.
 * @property {number} [timeout] Milliseconds; 0: none. Default: as configured.
 * @property {number} [retries] Default: as configured.
 * @property {boolean} [lingers] Whether the signal still cancels the answer's body after `read` has returned.
 * @property {AbortSignal} [signal]
 */

/**
 * Calls of the services' HTTP API: deadline, token, problem details as ChatError, and bounded repetition of what may be repeated.
 *
 * A call is repeated when no answer came or the answer says that the service is busy (429, 502, 503, 504), and only if repeating is harmless. Where the service says when (Retry-After), that is what
 * is waited, plus some jitter; where it asks for more than `maxRetryAfter`, the caller gets the error and decides.
 */
export class Http {
  /** @type {typeof globalThis.fetch} */
  #fetch;
  #clock;
  #random;
  #timeout;
  #retries;
  #maxRetryAfter;

  /** @param {{ fetch: typeof globalThis.fetch, clock: Clock, random: () => number, requestTimeout: number, retries: number, maxRetryAfter: number }} options */
  constructor(options) {
    this.#fetch = options.fetch;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#timeout = options.requestTimeout;
    this.#retries = options.retries;
    this.#maxRetryAfter = options.maxRetryAfter;
  }

  /**
   * A call whose answer is JSON; undefined for 204.
   * @param {Call} call
   * @returns {Promise<any>}
   */
  json(call) {
    return this.send(call, async (response) => {
      const text = await response.text();
      return text === "" ? undefined : JSON.parse(text);
    });
  }

  /**
   * @template T
   * @param {Call} call
   * @param {(response: Response) => Promise<T> | T} read Reads the answer of a success, within the deadline.
   * @returns {Promise<T>}
   */
  send(call, read) {
    return this.repeat(call, (token) => this.#once(call, token, read));
  }

  /**
   * Gives an attempt its token and repeats it where that is harmless.
   * @template T
   * @param {Pick<Call, "tokens" | "repeatable" | "retries" | "signal">} call
   * @param {(token: string | undefined) => Promise<T>} attempt Fails with ChatError, or with anything when the signal was aborted.
   * @returns {Promise<T>}
   */
  async repeat(call, attempt) {
    const retries = call.repeatable ? (call.retries ?? this.#retries) : 0;
    let renewed = false;
    for (let failures = 0; ; ) {
      const token = await call.tokens?.get(0, call.signal);
      try {
        return await attempt(token?.value);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof ChatError)) {
          throw error;
        }

        if (token && !renewed && speaksOfToken(error)) {
          renewed = true;
          await this.#renew(/** @type {Tokens} */ (call.tokens), token.value, error, call.signal);
          continue;
        }

        const wait = this.#wait(error, ++failures);
        if (failures > retries || wait === null) {
          throw error;
        }

        await delay(this.#clock, wait, call.signal);
      }
    }
  }

  /**
   * @param {Tokens} tokens
   * @param {string} refused
   * @param {ChatError} refusal
   * @param {AbortSignal} [signal]
   */
  async #renew(tokens, refused, refusal, signal) {
    tokens.invalidate(refused);
    try {
      await tokens.get(0, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // Where the session has ended, the refusal of the call itself says more than that of the refresh.
      throw error instanceof ChatError && error.isTransient ? error : refusal;
    }
  }

  /**
   * Milliseconds before the next attempt; null when there should be none.
   * @param {ChatError} error
   * @param {number} failures
   */
  #wait(error, failures) {
    if (!error.isTransient) {
      return null;
    }

    if (error.retryAfter === undefined) {
      return jitter(failures, firstWait, longestWait, this.#random);
    }

    const asked = error.retryAfter * 1000;
    return asked > this.#maxRetryAfter ? null : asked + firstWait * this.#random();
  }

  /**
   * @template T
   * @param {Call} call
   * @param {string | undefined} token
   * @param {(response: Response) => Promise<T> | T} read
   * @returns {Promise<T>}
   */
  async #once(call, token, read) {
    const headers = new Headers(call.headers);
    if (token !== undefined) {
      headers.set("Authorization", `Bearer ${token}`);
    }

    let body = call.body;
    if (call.json !== undefined) {
      headers.set("Content-Type", "application/json; charset=utf-8");
      body = JSON.stringify(call.json);
    }

    const url = join(call.base, call.path) + queryOf(call.query);
    const stop = new AbortController();
    let done = false;
    const abort = () => stop.abort(call.signal?.reason);
    call.signal?.throwIfAborted();
    call.signal?.addEventListener("abort", abort, { once: true });
    const timeout = call.timeout ?? this.#timeout;
    const timer = timeout > 0 ? this.#clock.setTimeout(() => stop.abort(new Error(`No answer within ${timeout} ms.`)), timeout) : undefined;
    try {
      const response = await this.#fetch(url, /** @type {RequestInit} */ ({
        method: call.method,
        headers,
        body,
        signal: stop.signal,
        credentials: "omit",
        cache: "no-store",
        // Node requires this for a streamed body: it is sent before the answer comes.
        ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
      }));
      if (!response.ok) {
        throw await problemOf(response);
      }

      const value = await read(response);
      done = true;
      return value;
    } catch (error) {
      throw error instanceof ChatError || call.signal?.aborted ? error : unreachable(stop.signal.aborted ? stop.signal.reason : error);
    } finally {
      this.#clock.clearTimeout(timer);
      if (!(done && call.lingers)) {
        call.signal?.removeEventListener("abort", abort);
      }
    }
  }
}

/**
 * The failure of a call that got no answer, or one that breaks off.
 * @param {unknown} error
 */
export function unreachable(error) {
  return new ChatError(
    { status: 0, type: ProblemTypes.dependencyUnavailable, title: "No answer came.", detail: error instanceof Error ? error.message : String(error) },
    error,
  );
}

/**
 * @param {number} status
 * @param {string} text Body of the answer.
 * @param {string | null} retryAfter Header.
 */
export function problemFrom(status, text, retryAfter) {
  /** @type {any} */
  let body = null;
  if (text.length <= maxProblemLength) {
    try {
      body = JSON.parse(text);
    } catch {
      // Not one of our problems: what is known is the status.
    }
  }

  const problem = typeof body === "object" && body !== null ? body : {};
  return new ChatError({
    status,
    type: textOf(problem.type),
    title: textOf(problem.title),
    detail: textOf(problem.detail),
    path: textOf(problem.path),
    // Across origins a page sees the header only where the service exposes it; the body has it too.
    retryAfter: secondsOf(retryAfter) ?? secondsOf(problem.retryAfter),
    traceId: textOf(problem.traceId),
  });
}

/** @param {Response} response */
async function problemOf(response) {
  return problemFrom(response.status, await response.text(), response.headers.get("Retry-After"));
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : undefined;
}

/** @param {unknown} value */
function secondsOf(value) {
  const seconds = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/**
 * Not every 401 is about the token: a wrong password is one too, and sending that again would be another guess.
 * @param {ChatError} error
 */
function speaksOfToken(error) {
  return error.status === 401 && (error.type === ProblemTypes.unauthenticated || error.type === "about:blank");
}

/**
 * @param {string} base
 * @param {string} path
 */
export function join(base, path) {
  return (base.endsWith("/") ? base.slice(0, -1) : base) + path;
}

/** @param {Record<string, string | number | boolean | undefined>} [query] */
function queryOf(query) {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : "?" + given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
}
