// @ts-check
/**
 * The JavaScript SDK: sign in, post, listen. Plain ES modules without a dependency, for browsers and Node 20 and later. What the types mean stands in src/types.js, how to use it in README.md.
 * @module
 */

export { ChatClient } from "./src/chat-client.js";
export { ChatError, ProblemTypes, RealtimeError } from "./src/errors.js";
export { CloseCodes, shouldReconnect } from "./src/live/close-codes.js";
export { LiveConnection } from "./src/live/connection.js";
export { Subscription } from "./src/live/subscription.js";
