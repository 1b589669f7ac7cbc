// @ts-check

import { ChatClient } from "../../realtime.js";
import { answer, FakeServer, problem, user } from "./fake-server.js";

/** A Storage that several tabs share; each tab hears of what the others change, as in a browser. */
export class SharedStorage {
  /** @type {Map<string, string>} */
  #items = new Map();
  /** @type {EventTarget[]} */
  #tabs = [];

  /** The storage as one tab has it. */
  tab() {
    const events = new EventTarget();
    this.#tabs.push(events);
    const tell = (/** @type {string} */ key) => {
      for (const other of this.#tabs) {
        if (other !== events) {
          // The other tabs hear of it when their turn comes.
          setImmediate(() => other.dispatchEvent(Object.assign(new Event("storage"), { key })));
        }
      }
    };
    return {
      events,
      storage: {
        getItem: (/** @type {string} */ key) => this.#items.get(key) ?? null,
        setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
          this.#items.set(key, value);
          tell(key);
        },
        removeItem: (/** @type {string} */ key) => {
          this.#items.delete(key);
          tell(key);
        },
      },
    };
  }
}

/** Web Locks as far as the SDK uses them. */
export class FakeLocks {
  /** @type {Map<string, Promise<unknown>>} */
  #tails = new Map();
  request = (/** @type {string} */ name, /** @type {{ signal?: AbortSignal }} */ { signal }, /** @type {() => Promise<any>} */ work) => {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const turn = before.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#tails.set(name, turn.catch(() => undefined));
    if (!signal) {
      return turn;
    }

    return Promise.race([turn, new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)))]);
  };
}

/** A session service that does what ours does: a refresh token is good for one exchange, within a grace a lost answer may be asked for again, and any other second use ends the session. */
export class SessionServer extends FakeServer {
  /** @type {Map<string, { replacedAt: number | null, successor: string | null, superseded: boolean }>} */
  #refreshTokens = new Map();
  isRevoked = false;
  exchanges = 0;
  grace = 30_000;

  constructor() {
    super();
    this.on("POST", "/v1/login", () => this.#issue(this.#next()));
    this.on("POST", "/v1/refresh", ({ body }) => this.#exchange(body.refreshToken));
    this.on("GET", "/v1/rooms", ({ token }) => (this.isRevoked || token === null ? problem(401, "unauthenticated") : answer(200, { items: [] })));
  }

  #next() {
    const number = ++this.issued;
    this.#refreshTokens.set(`refresh${number}`, { replacedAt: null, successor: null, superseded: false });
    return number;
  }

  /** @param {number} number */
  #issue(number) {
    return answer(200, {
      accessToken: `access${number}`, refreshToken: `refresh${number}`, expiresIn: this.expiresIn, tokenType: "Bearer", sessionId: "s", user, tenant: "acme",
    });
  }

  /** @param {string} presented */
  #exchange(presented) {
    this.exchanges++;
    const token = this.#refreshTokens.get(presented);
    if (this.isRevoked || !token) {
      return problem(401, "refresh-token-invalid");
    }

    const successor = token.successor ? this.#refreshTokens.get(token.successor) : null;
    const isAgain = token.replacedAt !== null && token.replacedAt > this.clock.now() - this.grace && successor?.replacedAt === null && !successor.superseded;
    if (token.superseded || (token.replacedAt !== null && !isAgain)) {
      this.isRevoked = true;
      return problem(401, "refresh-token-reused");
    }

    if (successor) {
      successor.superseded = true;
    }

    const number = this.#next();
    token.replacedAt ??= this.clock.now();
    token.successor = `refresh${number}`;
    return this.#issue(number);
  }
}

/**
 * A client in a tab of its own.
 * @param {FakeServer} server
 * @param {SharedStorage} shared
 * @param {any} locks
 */
export function openTab(server, shared, locks) {
  const { storage, events } = shared.tab();
  const client = new ChatClient(server.options({ storage, events, locks }));
  /** @type {string[]} */
  const ends = [];
  client.addEventListener("signedout", (event) => ends.push(event.detail.reason));
  return { client, ends };
}
