// @ts-check
/**
 * Shapes of the public API. Times on the wire are ISO 8601 text in UTC; times of this machine are milliseconds since 1970.
 * @module
 */

/**
 * @typedef {object} UserInfo
 * @property {string} id
 * @property {string} username Name to log in with; empty of a removed user.
 * @property {string} displayName
 * @property {"admin" | "member"} role Role in the tenant.
 * @property {string} createdAt
 * @property {"deactivated" | "removed"} [status] Absent of a user who may sign in.
 */

/**
 * @typedef {object} TenantInfo
 * @property {string} id
 * @property {string} name
 * @property {boolean} openRegistration Whether anybody may register.
 */

/**
 * What a login, a registration and a refresh answer with.
 * @typedef {object} TokenResponse
 * @property {string} accessToken
 * @property {string} refreshToken Good for one exchange: if you keep it, keep the newest (event "tokens").
 * @property {number} expiresIn Life of the access token in seconds.
 * @property {string} tokenType
 * @property {string} sessionId
 * @property {UserInfo} user
 * @property {string} tenant
 * @property {string} [device] Identifies this device at the next login; the client keeps it (beside the tokens, where there is `storage`) and sends
 * it. Gives no right.
 */

/**
 * @typedef {object} NewUser
 * @property {string} username Unique in the tenant, without regard to case.
 * @property {string} password 8 to 256 characters.
 * @property {string} [displayName] Absent: the user name.
 */

/**
 * @typedef {object} SignUp
 * @property {string} tenant Id: 1 to 64 characters of A-Z, a-z, 0-9, _ and -.
 * @property {string} name For people.
 * @property {NewUser} admin The first user.
 * @property {boolean} [openRegistration] Whether anybody may register.
 */

/**
 * @typedef {object} Login
 * @property {string} tenant
 * @property {string} username
 * @property {string} password
 */

/**
 * @typedef {object} Me
 * @property {UserInfo} user
 * @property {TenantInfo} tenant
 * @property {string} sessionId
 */

/**
 * @typedef {object} SessionInfo
 * @property {string} id
 * @property {string} createdAt Time of the login.
 * @property {string} lastUsedAt Time of the last refresh.
 * @property {string} expiresAt Absolute end.
 * @property {boolean} current Whether it is the session that asks.
 * @property {string} [userAgent]
 * @property {string} [address]
 */

/**
 * One page of a list that is walked by key.
 * @template T
 * @typedef {object} Page
 * @property {T[]} items In key order.
 * @property {string} [next] Pass as `after` to get the next page; absent on the last one.
 */

/**
 * @typedef {object} PageOptions
 * @property {string} [after] `next` of the page before.
 * @property {number} [limit] 1 to 200.
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} Room
 * @property {string} id
 * @property {string} name
 * @property {"public" | "private"} visibility
 * @property {number} lastSeq Number of its newest message; 0 when there is none.
 * @property {number} members
 * @property {string} createdBy User id.
 * @property {string} createdAt
 * @property {"owner" | "moderator" | "member"} [role] The caller's; absent when the caller is no member, and in the list of public rooms.
 * @property {number} [readSeq] The caller's read marker; absent like `role`.
 * @property {number} [unread] Messages behind the marker; absent like `role`.
 */

/**
 * @typedef {object} NewRoom
 * @property {string} name
 * @property {string} [id] Absent: made by the server.
 * @property {"public" | "private"} [visibility] Absent: private.
 */

/**
 * @typedef {object} Member
 * @property {string} user User id.
 * @property {string} displayName
 * @property {"owner" | "moderator" | "member"} role
 * @property {number} readSeq How far the member has read.
 * @property {string} joinedAt
 * @property {string} [username] Unique in the tenant, which display names are not.
 */

/**
 * @typedef {object} ReadMarker
 * @property {number} readSeq
 * @property {number} lastSeq
 */

/**
 * @typedef {object} Unread
 * @property {number} total
 * @property {{ room: string, unread: number, readSeq: number, lastSeq: number }[]} rooms
 */

/**
 * A stored message.
 * @typedef {object} Message
 * @property {string} room
 * @property {number} seq 1, 2, 3 ... without a gap within the room.
 * @property {string} id The id it was posted with; unique within the room.
 * @property {string} sender User id.
 * @property {string} text As posted. It is text, not markup: show it as text.
 * @property {string[]} attachments File ids.
 * @property {string} sentAt When it was stored.
 */

/**
 * How a message got here.
 * @typedef {object} Delivery
 * @property {"live" | "history"} source From the socket, or fetched because the socket did not bring it in time.
 * @property {number} receivedAt When it came in, in milliseconds since 1970.
 * @property {number} delay Milliseconds from `sentAt` to `receivedAt`, by two clocks: it can be off by their difference.
 * @property {string} [node] Realtime node that sent it; absent for "history".
 */

/** @typedef {Message & { delivery: Delivery }} LiveMessage */

/**
 * A signal from another socket of the room. Signals are not stored.
 * @typedef {object} Signal
 * @property {string} room
 * @property {string} id
 * @property {string} sender User id.
 * @property {string} [to] The addressed user; absent when it was sent to the room.
 * @property {any} data As sent.
 */

/**
 * Something happened to the room or its members. System events are not stored.
 * @typedef {object} SystemEvent
 * @property {string} room
 * @property {string} id
 * @property {string} event member.joined, member.left, member.removed, member.role, room.updated, room.deleted; more may come.
 * @property {string} actor User who caused it.
 * @property {string} [user] User it is about.
 * @property {any} [data]
 * @property {string} at
 */

/**
 * By which channels the server listens to a room.
 * @typedef {object} RoomLayout
 * @property {string} name "legacy": one channel for everything. "sharded": several for messages, one each for signals and system events. More may come.
 * @property {number | null} shards Over how many channels messages are spread; null where one carries everything.
 * @property {number} epoch Grows with the changes of layout; 0: there never was one.
 */

/**
 * @typedef {object} NewMessage
 * @property {string} [text] May be empty only with attachments.
 * @property {string} [id] Absent: made here, so that posting again after an answer that never came is harmless.
 * @property {string[]} [attachments] Ids of up to 16 files whose upload has finished.
 */

/**
 * @typedef {object} MessagePage
 * @property {Message[]} messages In ascending order of seq.
 * @property {number} lastSeq The room's newest seq at the time of reading.
 */

/**
 * @typedef {object} FileInfo
 * @property {string} id
 * @property {string} owner User id.
 * @property {string} name
 * @property {string} contentType What the content was found to be; `application/octet-stream` when it is not known, or not what the uploader said.
 * @property {number} size
 * @property {string} sha256
 * @property {string} createdAt
 * @property {{ width: number, height: number, animated: boolean }} [picture] Of a picture that may be shown, in pixels as stored; absent for older
 * ones until their thumbnail is first requested.
 */

/**
 * @typedef {object} UploadLimits
 * @property {number} maxBytes Longest file.
 * @property {string[]} contentTypes Accepted media types; contents are checked when they come. With the wildcard for every type, all others
 * are accepted too, as opaque downloads.
 */

/**
 * @typedef {object} UploadOptions
 * @property {string} [name] Default: the File's own, else "file".
 * @property {string} [type] Media type; default: the Blob's own, else application/octet-stream.
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] Bytes handed to the network so far.
 * @property {AbortSignal} [signal] Gives the upload up; nothing of it stays.
 */

/**
 * State of a live connection.
 * @typedef {object} ConnectionState
 * @property {"connecting" | "open" | "waiting" | "closed"} state
 * @property {number} attempt Failures in a row.
 * @property {number} [retryAt] While waiting: when the next attempt starts, in milliseconds since 1970.
 * @property {number} [code] WebSocket close code of the last loss, where there was one.
 * @property {string} [reason] In words.
 * @property {string} [node] While open: name of the realtime node.
 * @property {string} [connection] While open: id of the connection on the server.
 */

/**
 * Bounds and times of a live connection; times in milliseconds.
 * @typedef {object} LiveOptions
 * @property {number} [reconnectMin] Bound of the first wait before a reconnect; doubles with each failure. Default 1000.
 * @property {number} [reconnectMax] Longest wait before a reconnect. Default 30000.
 * @property {number} [stableAfter] How long a connection must stay up before the wait starts over. Default 10000.
 * @property {number} [connectTimeout] Longest wait for a welcome. Default 10000.
 * @property {number} [answerTimeout] Longest wait for the answer to a frame; after it the connection counts as dead. Default 10000.
 * @property {number} [probeTimeout] The same for the ping that is sent when the machine says that it went offline, came online or woke up, and when the page is shown or looked at again. Default 3000.
 * @property {number} [closeTimeout] Longest wait for the close handshake. Default 2000.
 * @property {number} [reorderWindow] With order "client": how long a message may be awaited before it is fetched. Default 250.
 * @property {number} [repairAfter] How long a message that is known to exist may stay away before it is fetched. Default 2000.
 * @property {number} [buffer] Messages held per subscription, 16 to 65536; what comes past it is fetched from the history when there is room again. Default 1024.
 * @property {number} [eventBuffer] Signals and system events held per subscription, each; past it the oldest are dropped and counted. Default 256.
 * @property {number} [maxFrame] Longest frame accepted from the server, in UTF-16 characters. Default 262144.
 * @property {AbortSignal} [signal] Gives up waiting for the first welcome.
 */

/**
 * @typedef {object} SubscribeOptions
 * @property {number} [after] Deliver what follows this seq, stored messages first. 0: all. Absent: only what is posted from now on.
 * @property {"server" | "client"} [order] Who sorts. You see the messages in order either way; "client" is less work for the server. Default "server".
 * @property {AbortSignal} [signal] Gives up waiting for the answer.
 */

/**
 * What happened to a subscription so far.
 * @typedef {object} SubscriptionStats
 * @property {number} received Messages that the socket brought.
 * @property {number} duplicates Second copies, dropped.
 * @property {number} discarded Messages that came when the buffer was full; they are fetched later.
 * @property {number} repaired Messages that came from the history because the socket did not bring them in time.
 * @property {number} resumed Times that the stream went on over a new socket.
 * @property {number} droppedSignals Dropped because nobody read them.
 * @property {number} droppedSystemEvents Dropped because nobody read them.
 */

/**
 * What is kept of tokens: localStorage, sessionStorage, or anything like them.
 * @typedef {object} TokenStorage
 * @property {(key: string) => string | null} getItem
 * @property {(key: string, value: string) => void} setItem
 * @property {(key: string) => void} removeItem
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds since 1970.
 * @property {(callback: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * @typedef {object} ChatClientOptions
 * @property {string} session Base URL of session; "" where the page itself comes from.
 * @property {string} chat Base URL of chat.
 * @property {string} fileman Base URL of fileman.
 * @property {string} realtime Base URL of realtime; http means ws, https means wss.
 * @property {typeof globalThis.fetch} [fetch]
 * @property {any} [WebSocket] Constructor; needed where there is no global one (Node before 22).
 * @property {TokenStorage} [storage] Keeps the session over reloads and shares it between tabs. Absent: in memory only.
 * @property {string} [storageKey] Default "realtime-chat.session".
 * @property {LockManager | null} [locks] Default: navigator.locks where there is one.
 * @property {EventTarget | null} [events] Brings "storage", "online", "offline", "pageshow" and "visibilitychange". Default: the window.
 * @property {number} [requestTimeout] Longest wait for an answer, in milliseconds; uploads and downloads are bound by your signal only. Default 30000.
 * @property {number} [retries] Most repetitions of a call that may be repeated. Default 4.
 * @property {number} [maxRetryAfter] Longest wait, in milliseconds, that a service may ask for between repetitions; a longer one is your decision. Default 20000.
 * @property {() => number} [random] From 0 to below 1: jitter.
 * @property {Clock} [clock]
 */

export {};
