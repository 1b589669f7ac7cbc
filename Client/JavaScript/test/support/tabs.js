// @ts-check

import { ChatClient } from "../../realtime.js";
import { answer, FakeServer, problem, user } from "./fake-server.js";

/**
 * A Storage that several tabs share as browsers do it: each tab has a view of its own, which hears of what the others change later, and so do its listeners. All views end up with what was written last; until
 * a tab's own change has its place in that order, it hides what others wrote before.
 */
export class SharedStorage {
  /** @type {{ view: Map<string, string>, events: EventTarget, unsettled: string[] }[]} */
  #tabs = [];
  #later;

  /** @param {(callback: () => void) => void} [later] When the other tabs hear of a change. */
  constructor(later = (callback) => void setImmediate(callback)) {
    this.#later = later;
  }

  /** The storage as one tab has it. */
  tab() {
    const events = new EventTarget();
    const view = new Map(this.#tabs[0]?.view);
    const own = { view, events, unsettled: /** @type {string[]} */ ([]) };
    this.#tabs.push(own);
    const change = (/** @type {string} */ key, /** @type {(view: Map<string, string>) => void} */ apply) => {
      apply(view);
      own.unsettled.push(key);
      this.#later(() => {
        own.unsettled.splice(own.unsettled.indexOf(key), 1);
        for (const other of this.#tabs.filter((tab) => tab !== own && !tab.unsettled.includes(key))) {
          apply(other.view);
          other.events.dispatchEvent(Object.assign(new Event("storage"), { key }));
        }
      });
    };
    return {
      events,
      storage: {
        getItem: (/** @type {string} */ key) => view.get(key) ?? null,
        setItem: (/** @type {string} */ key, /** @type {string} */ value) => change(key, (changed) => changed.set(key, value)),
        removeItem: (/** @type {string} */ key) => change(key, (changed) => changed.delete(key)),
      },
    };
  }
}

/** Web Locks as far as the SDK uses them: one truth for all tabs. */
export class FakeLocks {
  /** @type {{ name: string, shared: boolean, grant: () => void }[]} */
  #waiting = [];
  /** @type {{ name: string, shared: boolean }[]} */
  #held = [];

  request = async (/** @type {string} */ name, /** @type {{ signal?: AbortSignal, mode?: string }} */ { signal, mode }, /** @type {() => any} */ work) => {
    const lock = { name, shared: mode === "shared" };
    await new Promise((resolve, reject) => {
      const waiting = { ...lock, grant: () => resolve(undefined) };
      this.#waiting.push(waiting);
      signal?.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason);
      });
      this.#next();
    });
    this.#held.push(lock);
    try {
      return await work();
    } finally {
      this.#held.splice(this.#held.indexOf(lock), 1);
      this.#granted.delete(lock.name);
      this.#next();
    }
  };

  query = async () => ({ held: this.#held.map(({ name }) => ({ name })) });

  /** Names of exclusive locks that were granted. */
  #granted = new Set();

  #next() {
    for (const waiting of [...this.#waiting]) {
      if (waiting.shared || !this.#granted.has(waiting.name)) {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        if (!waiting.shared) {
          this.#granted.add(waiting.name);
        }

        waiting.grant();
      }
    }
  }
}

/** A session service that does what ours does: a refresh token is good for one exchange, within a grace a lost answer may be asked for again, and any other second use ends the session. */
export class SessionServer extends FakeServer {
  /** @type {Map<string, { replacedAt: number | null, successor: string | null, superseded: boolean }>} */
  #refreshTokens = new Map();
  isRevoked = false;
  exchanges = 0;
  grace = 30_000;
  /** Milliseconds that an exchange takes on its way back. */
  exchangeTime = 0;

  constructor() {
    super();
    this.on("POST", "/v1/login", () => this.#issue(this.#next()));
    this.on("POST", "/v1/refresh", async ({ body }) => {
      const outcome = this.#exchange(body.refreshToken);
      if (this.exchangeTime > 0) {
        await new Promise((resolve) => this.clock.setTimeout(() => resolve(undefined), this.exchangeTime));
      }

      return outcome;
    });
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
