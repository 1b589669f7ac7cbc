// @ts-check

import { path } from "./service.js";

/** @import { CallOptions, Me, Page, PageOptions, SessionInfo } from "../types.js" */
/** @import { Service } from "./service.js" */

/** The signed-in user's account and sessions. */
export class AccountApi {
  #session;

  /** @param {Service} session */
  constructor(session) {
    this.#session = session;
  }

  /**
   * Who is signed in.
   * @param {CallOptions} [options]
   * @returns {Promise<Me>}
   */
  async me({ signal } = {}) {
    return this.#session.get("/v1/me", { signal });
  }

  /**
   * The user's live sessions.
   * @param {PageOptions} [options]
   * @returns {Promise<Page<SessionInfo>>}
   */
  async sessions({ after, limit, signal } = {}) {
    return this.#session.get("/v1/sessions", { query: { after, limit }, signal });
  }

  /**
   * Ends one session; its sockets are closed.
   * @param {string} session
   * @param {CallOptions} [options]
   * @returns {Promise<{ revoked: string[] }>}
   */
  async revokeSession(session, { signal } = {}) {
    return this.#session.call("DELETE", path`/v1/sessions/${session}`, { repeatable: true, signal });
  }

  /**
   * Ends all sessions but this one.
   * @param {CallOptions} [options]
   * @returns {Promise<{ revoked: string[] }>}
   */
  async revokeOtherSessions({ signal } = {}) {
    return this.#session.call("DELETE", "/v1/sessions", { repeatable: true, signal });
  }

  /**
   * Changes the password and ends all other sessions.
   * @param {{ currentPassword: string, newPassword: string }} change
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async changePassword({ currentPassword, newPassword }, { signal } = {}) {
    return this.#session.call("PUT", "/v1/me/password", { json: { currentPassword, newPassword }, signal });
  }
}
