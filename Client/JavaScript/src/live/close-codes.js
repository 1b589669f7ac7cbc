// @ts-check

/** Our close codes. 4000 to 4499: reconnect; from 4500 on the same input would be refused again. */
export const CloseCodes = Object.freeze({
  draining: 4001,
  slowConsumer: 4002,
  tokenExpired: 4003,
  idle: 4004,
  backendLost: 4005,
  badToken: 4500,
  protocolViolation: 4501,
  frameTooLarge: 4502,
  sessionRevoked: 4503,
  limitExceeded: 4504,
});

/** Standard codes that say that the client is wrong. */
const clientIsWrong = new Set([1002, 1003, 1007, 1008]);

/**
 * Whether to reconnect after a connection ended like this.
 * @param {number | undefined} code Absent: it ended without one.
 */
export function shouldReconnect(code) {
  return code === undefined || (code >= 1000 && code < 4500 && !clientIsWrong.has(code));
}
