// @ts-check
/**
 * The JavaScript SDK: sign in, post, listen. Plain ES modules without a dependency, for browsers and Node 20 and later. The types are described in
 * src/types.js, their use in README.md.
 * @module
 */

export { ChatClient } from "./src/chat-client.js";
export { ChatError, ProblemTypes, RealtimeError } from "./src/errors.js";
export { CloseCodes, shouldReconnect } from "./src/live/close-codes.js";
export { LiveConnection } from "./src/live/connection.js";
export { Subscription } from "./src/live/subscription.js";
