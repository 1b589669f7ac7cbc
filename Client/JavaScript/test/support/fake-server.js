// @ts-check

import assert from "node:assert/strict";
import { ChatClient } from "../../realtime.js";
import { FakeClock, settle } from "./fake-clock.js";

/** @import { ChatClientOptions } from "../../src/types.js" */

export const user = { id: "u", username: "ada", displayName: "Ada", role: "member", createdAt: "2026-01-01T00:00:00Z" };

/**
 * @param {string} room
 * @param {number} seq
 */
export function messageOf(room, seq) {
  return { room, seq, id: `m${seq}`, sender: "u", text: `text ${seq}`, sentAt: "2026-01-01T00:00:00Z" };
}

/**
 * An answer that is read without delay: a real Response takes turns of the event loop, and how many is nobody's promise.
 * @param {number} status
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Response}
 */
export function answer(status, body, headers) {
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  return /** @type {any} */ ({ ok: status >= 200 && status < 300, status, headers: new Headers(headers), text: async () => text });
}

/**
 * @param {number} status
 * @param {string} type Without its prefix.
 * @param {object} [more]
 * @param {Record<string, string>} [headers]
 */
export function problem(status, type, more, headers) {
  return answer(status, { type: `urn:problem:${type}`, title: type, status, ...more }, headers);
}

/** One socket of the SDK, seen from the server. As a WebSocket it is as far as the SDK uses one. */
export class FakeSocket {
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @type {any} */ onerror = null;
  binaryType = "blob";
  /** @type {any[]} Frames that nobody has looked at. */
  frames = [];
  /** @type {any[]} */
  sent = [];
  /** @type {number | undefined | null} Code that the SDK closed with; null while it has not. */
  closedBySdk = null;
  isOver = false;
  /** Whether pings and unsubscribes go unanswered. */
  isSilent = false;

  /**
   * @param {string} url
   * @param {string[]} protocols
   */
  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  /** @param {string} text */
  send(text) {
    if (this.isOver) {
      throw new DOMException("The socket is closed.", "InvalidStateError");
    }

    const frame = JSON.parse(text);
    this.sent.push(frame);
    if (!this.isSilent && frame.type === "ping") {
      queueMicrotask(() => this.say({ type: "pong", id: frame.id }));
    } else if (!this.isSilent && frame.type === "unsubscribe") {
      queueMicrotask(() => this.say({ type: "unsubscribed", id: frame.id, room: frame.room, reason: "requested" }));
    } else {
      this.frames.push(frame);
    }
  }

  /** @param {number} [code] */
  close(code) {
    this.closedBySdk ??= code;
    if (!this.isOver && !this.isSilent) {
      queueMicrotask(() => this.end(code ?? 1005));
    }
  }

  accept() {
    this.onopen?.({});
  }

  /** @param {unknown} data */
  sayRaw(data) {
    if (!this.isOver) {
      this.onmessage?.({ data });
    }
  }

  /** @param {object} frame */
  say(frame) {
    this.sayRaw(JSON.stringify(frame));
  }

  /** @param {{ pingInterval?: unknown }} [more] */
  welcome(more) {
    this.accept();
    this.say({ type: "welcome", connection: "c", node: "node-1", tenant: "acme", user: "u", pingInterval: 3600, maxFrame: 49152, ...more });
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  end(code, reason = "") {
    if (!this.isOver) {
      this.isOver = true;
      this.onclose?.({ code, reason, wasClean: code !== 1006 });
    }
  }

  /** The line breaks. */
  cut() {
    this.end(1006);
  }

  /**
   * The next frame, which must be of this type.
   * @param {string} type
   */
  async next(type) {
    await settle();
    const frame = this.frames.shift();
    assert.equal(frame?.type, type, `The SDK sent ${JSON.stringify(this.sent)}`);
    return frame;
  }

  /**
   * Takes the next subscribe frame and accepts it.
   * @param {number} [head]
   * @param {object} [more] Members of the answer.
   */
  async subscribed(head = 0, more = {}) {
    const frame = await this.next("subscribe");
    this.say({ type: "subscribed", id: frame.id, room: frame.room, after: frame.after ?? head, head, ...more });
    await settle();
    return frame;
  }

  /**
   * @param {string} room
   * @param {...number} seqs
   */
  messages(room, ...seqs) {
    for (const seq of seqs) {
      this.say({ type: "message", ...messageOf(room, seq) });
    }
  }
}

/** A window that knows whether somebody still listens. */
class CountingEvents extends EventTarget {
  listeners = 0;

  addEventListener(/** @type {[string, any]} */ ...args) {
    this.listeners++;
    super.addEventListener(...args);
  }

  removeEventListener(/** @type {[string, any]} */ ...args) {
    this.listeners--;
    super.removeEventListener(...args);
  }
}

/** Session, chat and realtime as the SDK meets them: the test decides what goes wrong. */
export class FakeServer {
  clock = new FakeClock();
  events = new CountingEvents();
  /** @type {FakeSocket[]} All that were opened. */
  sockets = [];
  /** @type {{ method: string, path: string, url: URL, token: string | null, body: any, headers: Headers }[]} */
  calls = [];
  /** @type {Map<string, ReturnType<typeof messageOf>[]>} */
  history = new Map();
  issued = 0;
  expiresIn = 600;
  /** @type {((call: FakeServer["calls"][number], init: any) => Response | Promise<Response> | undefined)[]} */
  #rules = [];
  #seen = 0;
  /** What `random` gives. */
  random = 0.5;

  get WebSocket() {
    const server = this;
    return class extends FakeSocket {
      /**
       * @param {string} url
       * @param {string[]} protocols
       */
      constructor(url, protocols) {
        super(url, protocols);
        server.sockets.push(this);
      }
    };
  }

  /**
   * @param {Partial<ChatClientOptions>} [more]
   * @returns {ChatClientOptions}
   */
  options(more) {
    return {
      session: "http://session.test",
      chat: "http://chat.test",
      fileman: "http://fileman.test",
      realtime: "http://realtime.test",
      fetch: /** @type {any} */ (this.fetch),
      WebSocket: this.WebSocket,
      clock: this.clock,
      random: () => this.random,
      events: this.events,
      ...more,
    };
  }

  /** @param {Partial<ChatClientOptions>} [more] */
  async signIn(more) {
    const client = new ChatClient(this.options(more));
    await client.login({ tenant: "acme", username: "ada", password: "correct horse" });
    return client;
  }

  /**
   * An open connection with both of its ends.
   * @param {import("../../src/types.js").LiveOptions} [live]
   * @param {Partial<ChatClientOptions>} [more]
   */
  async connect(live, more) {
    const client = await this.signIn(more);
    const connecting = client.connect(live);
    const socket = await this.nextSocket();
    socket.welcome();
    const connection = await connecting;
    return { client, connection, socket };
  }

  /** The next socket that the SDK has opened. */
  async nextSocket() {
    await settle();
    const socket = this.sockets[this.#seen];
    assert.ok(socket, "The SDK has opened no other socket.");
    this.#seen++;
    return socket;
  }

  /**
   * Decides about calls before the usual answers; the newest rule first. Undefined: not its affair.
   * @param {string} method
   * @param {string} path
   * @param {(call: FakeServer["calls"][number], init: any) => Response | Promise<Response> | undefined} rule
   */
  on(method, path, rule) {
    this.#rules.unshift((call, init) => (call.method === method && call.path === path ? rule(call, init) : undefined));
  }

  /**
   * @param {string} method
   * @param {string} path
   */
  callsOf(method, path) {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  /** A service that does not answer. */
  hang() {
    return (/** @type {unknown} */ _call, /** @type {any} */ init) =>
      /** @type {Promise<Response>} */ (new Promise((_resolve, reject) => {
        init.signal.addEventListener("abort", () => reject(init.signal.reason));
      }));
  }

  tokens() {
    const number = ++this.issued;
    return { accessToken: `access${number}`, refreshToken: `refresh${number}`, expiresIn: this.expiresIn, tokenType: "Bearer", sessionId: "s", user, tenant: "acme" };
  }

  /**
   * @param {string} room
   * @param {number} count
   */
  store(room, count) {
    const messages = this.history.get(room) ?? [];
    this.history.set(room, messages);
    for (let i = 0; i < count; i++) {
      messages.push(messageOf(room, messages.length + 1));
    }
  }

  fetch = async (/** @type {string} */ address, /** @type {any} */ init) => {
    init.signal?.throwIfAborted();
    const url = new URL(address);
    const headers = new Headers(init.headers);
    const body = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    const call = { method: init.method, path: url.pathname, url, token: headers.get("Authorization")?.slice("Bearer ".length) ?? null, body, headers };
    this.calls.push(call);
    for (const rule of this.#rules) {
      const decided = rule(call, init);
      if (decided) {
        return decided;
      }
    }

    return this.#usual(call);
  };

  /** @param {FakeServer["calls"][number]} call */
  #usual({ method, path, url, body }) {
    const room = /^\/v1\/rooms\/([^/]+)\/messages$/.exec(path)?.[1];
    switch (`${method} ${room ? "messages" : path}`) {
      case "POST /v1/login":
      case "POST /v1/refresh":
        return answer(200, this.tokens());
      case "POST /v1/logout":
        return answer(204);
      case "GET /v1/me":
        return answer(200, { user, tenant: { id: "acme", name: "Acme", openRegistration: true }, sessionId: "s" });
      case "GET messages": {
        const all = this.history.get(/** @type {string} */ (room)) ?? [];
        const after = Number(url.searchParams.get("after"));
        return answer(200, { messages: all.filter(({ seq }) => seq > after).slice(0, Number(url.searchParams.get("limit"))), lastSeq: all.length });
      }

      case "POST messages": {
        const all = this.history.get(/** @type {string} */ (room)) ?? [];
        this.history.set(/** @type {string} */ (room), all);
        const stored = all.find(({ id }) => id === body.id) ?? { ...messageOf(/** @type {string} */ (room), all.length + 1), id: body.id, text: body.text };
        const isNew = !all.includes(stored);
        if (isNew) {
          all.push(stored);
        }

        return answer(isNew ? 201 : 200, stored);
      }

      default:
        return problem(404, "not-found");
    }
  }
}
