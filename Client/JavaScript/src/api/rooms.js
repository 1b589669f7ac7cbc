// @ts-check

import { path } from "./service.js";

/** @import { CallOptions, Member, NewRoom, Page, PageOptions, ReadMarker, Room, Unread } from "../types.js" */
/** @import { Service } from "./service.js" */

/** Rooms and members. */
export class RoomsApi {
  #chat;

  /** @param {Service} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /**
   * The user's rooms with unread counts, in order of id.
   * @param {PageOptions} [options]
   * @returns {Promise<Page<Room>>}
   */
  async list({ after, limit, signal } = {}) {
    return this.#chat.get("/v1/rooms", { query: { after, limit }, signal });
  }

  /**
   * The tenant's public rooms, in order of id.
   * @param {PageOptions} [options]
   * @returns {Promise<Page<Room>>}
   */
  async listPublic({ after, limit, signal } = {}) {
    return this.#chat.get("/v1/rooms/public", { query: { after, limit }, signal });
  }

  /**
   * @param {string} room
   * @param {CallOptions} [options]
   * @returns {Promise<Room>}
   */
  async get(room, { signal } = {}) {
    return this.#chat.get(path`/v1/rooms/${room}`, { signal });
  }

  /**
   * Creates a room owned by the user. Fails with `room-exists` when the id is taken.
   * @param {NewRoom} room
   * @param {CallOptions} [options]
   * @returns {Promise<Room>}
   */
  async create({ name, id, visibility }, { signal } = {}) {
    return this.#chat.call("POST", "/v1/rooms", { json: { name, id, visibility }, signal });
  }

  /**
   * The user becomes a member of a public room.
   * @param {string} room
   * @param {CallOptions} [options]
   * @returns {Promise<Member>}
   */
  async join(room, { signal } = {}) {
    return this.#chat.call("POST", path`/v1/rooms/${room}/join`, { repeatable: true, signal });
  }

  /**
   * Fails with `last-owner` when nobody else owns the room.
   * @param {string} room
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async leave(room, { signal } = {}) {
    return this.#chat.call("POST", path`/v1/rooms/${room}/leave`, { repeatable: true, signal });
  }

  /**
   * Members in order of user id.
   * @param {string} room
   * @param {PageOptions} [options]
   * @returns {Promise<Page<Member>>}
   */
  async members(room, { after, limit, signal } = {}) {
    return this.#chat.get(path`/v1/rooms/${room}/members`, { query: { after, limit }, signal });
  }

  /**
   * Adds a member or changes its role; for owners and moderators.
   * @param {string} room
   * @param {string} user
   * @param {"owner" | "moderator" | "member"} [role] Absent: keeps the present one, or makes a new member a plain one.
   * @param {CallOptions} [options]
   * @returns {Promise<Member>}
   */
  async setRole(room, user, role, { signal } = {}) {
    return this.#chat.call("PUT", path`/v1/rooms/${room}/members/${user}`, { json: { role }, repeatable: true, signal });
  }

  /**
   * Removes a member; for owners and moderators.
   * @param {string} room
   * @param {string} user
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async remove(room, user, { signal } = {}) {
    return this.#chat.call("DELETE", path`/v1/rooms/${room}/members/${user}`, { repeatable: true, signal });
  }

  /**
   * Moves the user's read marker forward; it never moves back.
   * @param {string} room
   * @param {number} seq The newest message that the user has read.
   * @param {CallOptions} [options]
   * @returns {Promise<ReadMarker>}
   */
  async markRead(room, seq, { signal } = {}) {
    return this.#chat.call("PUT", path`/v1/rooms/${room}/read`, { json: { seq }, repeatable: true, signal });
  }

  /**
   * The user's rooms with unread messages.
   * @param {CallOptions} [options]
   * @returns {Promise<Unread>}
   */
  async unread({ signal } = {}) {
    return this.#chat.get("/v1/unread", { signal });
  }
}
