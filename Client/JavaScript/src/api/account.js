// @ts-check

import { path } from "./service.js";

/** @import { CallOptions, Me, Page, PageOptions, SessionInfo, UserInfo } from "../types.js" */
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
   * Changes the name that others see. Tokens carry it from their next renewal on.
   * @param {string} displayName
   * @param {CallOptions} [options]
   * @returns {Promise<UserInfo>}
   */
  async changeName(displayName, { signal } = {}) {
    return this.#session.call("PUT", "/v1/me", { json: { displayName }, repeatable: true, signal });
  }

  /**
   * Users of the tenant one of whose names begins so, by that name; without a prefix all of them, by user name. A page may be shorter than asked for and yet have a `next`.
   * @param {PageOptions & { prefix?: string, deactivated?: boolean }} [options] `deactivated`: those who may not sign in, instead of those who may (admins only); `after`: the page's `next`.
   * @returns {Promise<Page<UserInfo>>}
   */
  async users({ prefix, deactivated, after, limit, signal } = {}) {
    return this.#session.get("/v1/users", { query: { prefix, deactivated, after, limit }, signal });
  }

  /**
   * A user by its id, as messages name their senders: also one that was removed, whose `status` says so.
   * @param {string} user
   * @param {CallOptions} [options]
   * @returns {Promise<UserInfo>}
   */
  async user(user, { signal } = {}) {
    return this.#session.get(path`/v1/users/${user}`, { signal });
  }

  /**
   * An admin sets a user's password, which ends all of its sessions.
   * @param {string} user
   * @param {string} newPassword
   * @param {CallOptions} [options]
   * @returns {Promise<{ revoked: string[] }>}
   */
  async resetPassword(user, newPassword, { signal } = {}) {
    return this.#session.call("PUT", path`/v1/users/${user}/password`, { json: { newPassword }, repeatable: true, signal });
  }

  /**
   * An admin lets a user sign in, or no more, which ends all of its sessions.
   * @param {string} user
   * @param {boolean} active
   * @param {CallOptions} [options]
   * @returns {Promise<{ revoked: string[] }>}
   */
  async setUserActive(user, active, { signal } = {}) {
    return this.#session.call("PUT", path`/v1/users/${user}/active`, { json: { active }, repeatable: true, signal });
  }

  /**
   * An admin makes a user an admin (at its next renewal of tokens), or no longer one, which ends all of its sessions. Fails with `last-admin` for the only admin who may sign in.
   * @param {string} user
   * @param {"admin" | "member"} role
   * @param {CallOptions} [options]
   * @returns {Promise<{ revoked: string[] }>}
   */
  async setUserRole(user, role, { signal } = {}) {
    return this.#session.call("PUT", path`/v1/users/${user}/role`, { json: { role }, repeatable: true, signal });
  }

  /**
   * An admin removes a user, for good: its sessions end, it leaves its rooms, and its names are forgotten. What it wrote stays, under its id.
   * @param {string} user
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async removeUser(user, { signal } = {}) {
    return this.#session.call("DELETE", path`/v1/users/${user}`, { repeatable: true, signal });
  }

  /**
   * Removes the signed-in user itself, for good, and signs it out. Fails with `bad-credentials` when the password is wrong, with `last-admin` for the only admin of the tenant.
   * @param {string} currentPassword
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async removeMe(currentPassword, { signal } = {}) {
    await this.#session.tokens.signOut(() => this.#session.call("POST", "/v1/me/remove", { json: { currentPassword }, signal }));
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
