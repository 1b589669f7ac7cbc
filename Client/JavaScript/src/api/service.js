// @ts-check

/** @import { Call, Http } from "../http.js" */
/** @import { Tokens } from "../tokens.js" */

/** One service, called as the signed-in user. */
export class Service {
  #http;
  #base;
  #tokens;

  /**
   * @param {Http} http
   * @param {string} base
   * @param {Tokens} tokens
   */
  constructor(http, base, tokens) {
    this.#http = http;
    this.#base = base;
    this.#tokens = tokens;
  }

  get http() {
    return this.#http;
  }

  get base() {
    return this.#base;
  }

  get tokens() {
    return this.#tokens;
  }

  /**
   * @param {string} path
   * @param {Partial<Call>} [more]
   */
  get(path, more) {
    return this.call("GET", path, { repeatable: true, ...more });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Partial<Call>} [more]
   * @returns {Promise<any>}
   */
  call(method, path, more) {
    return this.#http.json({ ...more, method, path, base: this.#base, tokens: this.#tokens });
  }

  /**
   * @template T
   * @param {string} path
   * @param {Partial<Call>} more
   * @param {(response: Response) => Promise<T> | T} read
   */
  read(path, more, read) {
    return this.#http.send({ repeatable: true, ...more, method: "GET", path, base: this.#base, tokens: this.#tokens }, read);
  }
}

/**
 * A path with its parameters escaped. What would be another path even so is refused.
 * @param {TemplateStringsArray} parts
 * @param {...string} values
 */
export function path(parts, ...values) {
  return String.raw({ raw: parts }, ...values.map((value) => {
    if (value === "" || value === "." || value === ".." || !value.isWellFormed()) {
      throw new TypeError(`'${value}' is no id.`);
    }

    return encodeURIComponent(value);
  }));
}
