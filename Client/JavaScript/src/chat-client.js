// @ts-check

import { AccountApi } from "./api/account.js";
import { FilesApi } from "./api/files.js";
import { MessagesApi } from "./api/messages.js";
import { RoomsApi } from "./api/rooms.js";
import { path, Service } from "./api/service.js";
import { KnownDevice } from "./devices.js";
import { Emitter } from "./emitter.js";
import { Http, join } from "./http.js";
import { LiveConnection } from "./live/connection.js";
import { systemClock } from "./time.js";
import { MemoryTokenStore, SharedTokenStore } from "./token-store.js";
import { Tokens } from "./tokens.js";

/** @import { ChatClientOptions, LiveOptions, Login, NewUser, SignUp, TokenResponse, UserInfo } from "./types.js" */

/** An exchange that is repeated must stay within the time in which the server takes a repetition for a lost answer (30 s). */
const exchangeTimeout = 8_000;
const exchangeRetries = 2;

const defaultStorageKey = "realtime-chat.session";

/**
 * The way into the system for one user: sign in, then use `rooms`, `messages`, `files`, `account` and `connect()`. Tokens renew themselves. HTTP calls fail with ChatError.
 *
 * Events: "tokens" (`event.detail` is the newest TokenResponse) and "signedout" (`event.detail.reason`: "logout"; "session-ended" when it was revoked or has expired; "other-tab" when another tab
 * signed out; "replaced" when somebody else signed in).
 */
export class ChatClient extends Emitter {
  #options;
  #clock;
  #random;
  #events;
  #http;
  #tokens;
  #device;
  /** @type {Set<LiveConnection>} */
  #connections = new Set();

  /** @param {ChatClientOptions} options */
  constructor(options) {
    super();
    for (const name of /** @type {const} */ (["session", "chat", "fileman", "realtime"])) {
      if (typeof options?.[name] !== "string") {
        throw new TypeError(`ChatClient needs the base URL '${name}'; "" means the page's own origin.`);
      }
    }

    const ownFetch = options.fetch;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#events = options.events === undefined ? theWindow() : options.events;
    this.#http = new Http({
      fetch: ownFetch ?? ((input, init) => globalThis.fetch(input, init)),
      clock: this.#clock,
      random: this.#random,
      requestTimeout: options.requestTimeout ?? 30_000,
      retries: options.retries ?? 4,
      maxRetryAfter: options.maxRetryAfter ?? 20_000,
    });
    this.#tokens = new Tokens({
      exchange: (refreshToken) => this.#anonymous("/v1/refresh", { refreshToken }, { repeatable: true, timeout: exchangeTimeout, retries: exchangeRetries }),
      store: this.#store(),
      clock: this.#clock,
      onTokens: (response) => this.emit("tokens", response),
      onSignedOut: (reason) => this.#signedOut(reason),
    });
    this.#device = new KnownDevice(options.storage, `${options.storageKey ?? defaultStorageKey}.device`);
    const chat = new Service(this.#http, options.chat, this.#tokens);
    const fileman = new Service(this.#http, options.fileman, this.#tokens);
    const session = new Service(this.#http, options.session, this.#tokens);
    /** Rooms and members. */
    this.rooms = new RoomsApi(chat);
    /** Posting and reading stored messages. */
    this.messages = new MessagesApi(chat);
    /** Uploads and downloads. */
    this.files = new FilesApi(fileman, ownFetch ? null : (globalThis.XMLHttpRequest ?? null));
    /** The signed-in user's account and sessions. */
    this.account = new AccountApi(session);
  }

  /**
   * The signed-in user; null when nobody is signed in.
   * @returns {UserInfo | null}
   */
  get user() {
    return this.#tokens.current?.user ?? null;
  }

  /**
   * Id of the signed-in user's tenant.
   * @returns {string | null}
   */
  get tenant() {
    return this.#tokens.current?.tenant ?? null;
  }

  /**
   * The newest tokens. If you keep the refresh token, follow the event "tokens": an old one is invalid, and presenting it ends the session.
   * @returns {TokenResponse | null}
   */
  get tokens() {
    return this.#tokens.current;
  }

  /**
   * Creates a tenant and signs its admin in.
   * @param {SignUp} request
   */
  signUp({ tenant, name, admin, openRegistration }) {
    return this.#signIn("/v1/tenants", { tenant, name, admin, openRegistration }, admin.username);
  }

  /**
   * Creates a user and signs it in.
   * @param {string} tenant
   * @param {NewUser} user
   */
  register(tenant, { username, password, displayName }) {
    return this.#signIn(path`/v1/tenants/${tenant}/users`, { username, password, displayName }, username);
  }

  /**
   * Signs a user in. Fails with `bad-credentials`, or with `too-many-requests` after too many failures.
   * @param {Login} request
   */
  login({ tenant, username, password }) {
    return this.#signIn("/v1/login", { tenant, username, password, device: this.#device.find(tenant, username) }, username);
  }

  /**
   * Goes on with a session: the one that `storage` holds, or the one whose refresh token the application kept. With `storage` give no token: it has the newest one of all tabs.
   * @param {string} [refreshToken]
   * @returns {Promise<TokenResponse | null>} Null when there is no session to resume. Fails when the session has ended (`isTransient` is false), or
   * when session is away (true: try again).
   */
  resume(refreshToken) {
    return refreshToken === undefined ? this.#tokens.restore() : this.#tokens.resume(refreshToken);
  }

  /** Ends this session on the server, forgets its tokens, and closes the live connections. */
  async logout() {
    if (!this.#tokens.current) {
      return;
    }

    await this.#tokens.signOut(() => this.#http.json({ method: "POST", base: this.#options.session, path: "/v1/logout", tokens: this.#tokens, repeatable: true }));
  }

  /**
   * A live connection, at once, still connecting: listen to its "statechange" and await its `ready`. It reconnects automatically until it is closed.
   * @param {LiveOptions} [options]
   * @returns {LiveConnection}
   */
  open(options = {}) {
    const WebSocket = this.#options.WebSocket ?? globalThis.WebSocket;
    if (typeof WebSocket !== "function") {
      throw new TypeError(
        "There is no WebSocket here. Node has one from version 22 on, and version 20 with the flag --experimental-websocket; elsewhere give ChatClient a constructor in the option WebSocket, e.g. that of the package ws.",
      );
    }

    const connection = new LiveConnection(options, {
      url: socketUrl(this.#options.realtime),
      WebSocket,
      tokens: this.#tokens,
      checkToken: (signal) => this.account.me({ signal }),
      history: (room, after, limit, signal) => this.messages.list(room, { after, limit, signal }),
      clock: this.#clock,
      random: this.#random,
      events: this.#events,
    });
    this.#connections.add(connection);
    connection.addEventListener("statechange", () => {
      if (connection.state.state === "closed") {
        this.#connections.delete(connection);
      }
    });
    return connection;
  }

  /**
   * A live connection that the server has welcomed. It reconnects automatically until it is closed.
   * @param {LiveOptions} [options]
   * @returns {Promise<LiveConnection>} Fails with RealtimeError when the server refuses this client for good.
   */
  async connect(options = {}) {
    options.signal?.throwIfAborted();
    const connection = this.open(options);
    const abort = () => void connection.close();
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      await connection.ready;
      return connection;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Closes live connections and listens to other tabs no more. Nobody is signed out. */
  async close() {
    this.#tokens.dispose();
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  /**
   * @param {string} route
   * @param {object} json
   * @param {string} username
   * @returns {Promise<TokenResponse>}
   */
  async #signIn(route, json, username) {
    const response = await this.#anonymous(route, json);
    this.#tokens.signedIn(response);
    if (response.device) {
      this.#device.remember(response.tenant, username, response.device);
    }

    return response;
  }

  /**
   * @param {string} route
   * @param {object} json
   * @param {{ repeatable?: boolean, timeout?: number, retries?: number }} [more]
   * @returns {Promise<TokenResponse>}
   */
  #anonymous(route, json, more) {
    return this.#http.json({ ...more, method: "POST", base: this.#options.session, path: route, json });
  }

  /** @param {string} reason */
  #signedOut(reason) {
    for (const connection of this.#connections) {
      void connection.close();
    }

    this.emit("signedout", { reason });
  }

  #store() {
    const { storage, storageKey, locks } = this.#options;
    return storage
      ? new SharedTokenStore({
          storage,
          key: storageKey ?? defaultStorageKey,
          locks: locks === undefined ? (globalThis.navigator?.locks ?? null) : locks,
          events: this.#events,
          clock: this.#clock,
          random: this.#random,
        })
      : new MemoryTokenStore();
  }
}

/** @returns {EventTarget | null} */
function theWindow() {
  return typeof globalThis.addEventListener === "function" ? globalThis : null;
}

/** @param {string} base */
function socketUrl(base) {
  const url = new URL(join(base, "/v1/ws"), globalThis.location?.href);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}
