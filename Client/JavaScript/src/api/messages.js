// @ts-check

import { newId } from "../ids.js";
import { path } from "./service.js";

/** @import { CallOptions, Message, MessagePage, NewMessage } from "../types.js" */
/** @import { Service } from "./service.js" */

/** Posting and reading stored messages. */
export class MessagesApi {
  #chat;

  /** @param {Service} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /**
   * Stores a message and hands it to the room. It has an id before it is sent, so that it is sent again, a bounded number of times, when no answer
   * comes: only the first is stored. To go on trying later, choose the id yourself and post again with it.
   * @param {string} room
   * @param {NewMessage} message
   * @param {CallOptions} [options]
   * @returns {Promise<Message>}
   */
  async post(room, { text = "", id = newId(), attachments }, { signal } = {}) {
    return complete(await this.#chat.call("POST", path`/v1/rooms/${room}/messages`, { json: { text, id, attachments }, repeatable: true, signal }));
  }

  /**
   * One message.
   * @param {string} room
   * @param {number} seq
   * @param {CallOptions} [options]
   * @returns {Promise<Message>}
   */
  async get(room, seq, { signal } = {}) {
    return complete(await this.#chat.get(path`/v1/rooms/${room}/messages/${String(seq)}`, { signal }));
  }

  /**
   * Messages behind `after`, or the newest ones before `before`, or the newest ones; oldest first either way.
   * @param {string} room
   * @param {{ after?: number, before?: number, limit?: number, signal?: AbortSignal }} [options] `limit`: 1 to 500.
   * @returns {Promise<MessagePage>}
   */
  async list(room, { after, before, limit, signal } = {}) {
    const page = await this.#chat.get(path`/v1/rooms/${room}/messages`, { query: { after, before, limit }, signal });
    return { messages: page.messages.map(complete), lastSeq: page.lastSeq };
  }
}

/**
 * The wire leaves out what is empty.
 * @param {any} message
 * @returns {Message}
 */
function complete(message) {
  return { ...message, attachments: message.attachments ?? [] };
}
