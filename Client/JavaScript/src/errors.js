// @ts-check

/** Every `type` that failures of the HTTP API have. Stable: branch on them. */
export const ProblemTypes = Object.freeze({
  invalidRequest: "urn:problem:invalid-request",
  invalidId: "urn:problem:invalid-id",
  unauthenticated: "urn:problem:unauthenticated",
  badCredentials: "urn:problem:bad-credentials",
  refreshTokenInvalid: "urn:problem:refresh-token-invalid",
  refreshTokenReused: "urn:problem:refresh-token-reused",
  forbidden: "urn:problem:forbidden",
  notAMember: "urn:problem:not-a-member",
  notFound: "urn:problem:not-found",
  tenantNotFound: "urn:problem:tenant-not-found",
  userNotFound: "urn:problem:user-not-found",
  roomNotFound: "urn:problem:room-not-found",
  sessionNotFound: "urn:problem:session-not-found",
  fileNotFound: "urn:problem:file-not-found",
  thumbnailNotFound: "urn:problem:thumbnail-not-found",
  tenantExists: "urn:problem:tenant-exists",
  usernameTaken: "urn:problem:username-taken",
  roomExists: "urn:problem:room-exists",
  conflict: "urn:problem:conflict",
  lastOwner: "urn:problem:last-owner",
  lastAdmin: "urn:problem:last-admin",
  payloadTooLarge: "urn:problem:payload-too-large",
  quotaExceeded: "urn:problem:quota-exceeded",
  unsupportedMediaType: "urn:problem:unsupported-media-type",
  rangeNotSatisfiable: "urn:problem:range-not-satisfiable",
  tooManyRequests: "urn:problem:too-many-requests",
  internalError: "urn:problem:internal-error",
  overloaded: "urn:problem:overloaded",
  databaseUnavailable: "urn:problem:database-unavailable",
  databaseTimeout: "urn:problem:database-timeout",
  storageFull: "urn:problem:storage-full",
  dependencyUnavailable: "urn:problem:dependency-unavailable",
  draining: "urn:problem:draining",
  /** No service's, but ours: `storage` takes nothing, because it is full or blocked. */
  storageUnavailable: "urn:problem:storage-unavailable",
});

/** Statuses with which the same call may succeed later. 0 is ours: no answer came. */
const transient = new Set([0, 408, 429, 502, 503, 504]);

/** A call of the HTTP API failed. */
export class ChatError extends Error {
  /**
   * @param {{ status: number, type?: string, title?: string, detail?: string, path?: string, retryAfter?: number, traceId?: string }} problem
   * @param {unknown} [cause]
   */
  constructor(problem, cause) {
    super(problem.detail ?? problem.title ?? `The service answered ${problem.status}.`, cause === undefined ? undefined : { cause });
    this.name = "ChatError";
    /** HTTP status; 0 when no answer came. */
    this.status = problem.status;
    /** One of ProblemTypes, or "about:blank" when something between us and the service answered. */
    this.type = problem.type ?? "about:blank";
    /** The same for every failure of the type. */
    this.title = problem.title;
    /** What happened this time. */
    this.detail = problem.detail;
    /** JSON path of the member that is wrong. */
    this.path = problem.path;
    /** Seconds after which the same call may succeed. */
    this.retryAfter = problem.retryAfter;
    /** Finds the request in the services' logs. */
    this.traceId = problem.traceId;
  }

  /** Whether the same call may succeed later. */
  get isTransient() {
    return transient.has(this.status) && this.type !== ProblemTypes.storageUnavailable;
  }
}

/** The live connection refused the request, or ended for good. */
export class RealtimeError extends Error {
  /**
   * @param {string} code An error code of the protocol (not-a-member, rate-limited, ...), or "closed".
   * @param {string} message
   * @param {{ retryAfter?: number, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "RealtimeError";
    this.code = code;
    /** Seconds after which the same may succeed; absent when it will not. */
    this.retryAfter = more.retryAfter;
  }
}
