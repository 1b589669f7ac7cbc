// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient } from "../realtime.js";
import { settle } from "./support/fake-clock.js";
import { FakeServer, problem } from "./support/fake-server.js";
import { collect, recordStates } from "./support/states.js";

test("the token goes in a subprotocol and never in the address", async () => {
  const server = new FakeServer();
  const { socket } = await server.connect();
  assert.deepEqual(socket.protocols, ["chat.v1", "bearer.access1"]);
  assert.equal(socket.url, "ws://realtime.test/v1/ws");
});

test("https stands for wss, and a path before ours stays", async () => {
  const server = new FakeServer();
  const { socket } = await server.connect({}, { realtime: "https://example.org/live/" });
  assert.equal(socket.url, "wss://example.org/live/v1/ws");
});

test("without a WebSocket constructor the error says what to do", async () => {
  const server = new FakeServer();
  const client = await server.signIn({ WebSocket: undefined });
  const global = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  Object.defineProperty(globalThis, "WebSocket", { value: undefined, configurable: true, writable: true });
  try {
    assert.throws(() => client.open(), /option WebSocket/);
  } finally {
    if (global) {
      Object.defineProperty(globalThis, "WebSocket", global);
    }
  }
});

test("states: connecting, open, waiting, connecting, open, closed", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  const connection = client.open();
  const states = recordStates(connection);
  assert.equal(connection.state.state, "connecting");
  (await server.nextSocket()).welcome();
  await connection.ready;
  (await socketOf(server)).cut();
  await settle();
  assert.equal(connection.state.state, "waiting");
  assert.equal(connection.state.retryAt, server.clock.now() + 500);
  await server.clock.advance(500);
  (await server.nextSocket()).welcome();
  await settle();
  assert.equal(connection.state.node, "node-1");
  await connection.close();
  assert.deepEqual(states.map(({ state }) => state), ["open", "waiting", "connecting", "open", "closed"]);
  assert.equal(server.sockets.at(-1)?.closedBySdk, 1000);
  assert.equal(server.clock.pending, 0, "nothing is left running");
  assert.equal(server.events.listeners, 0);
});

test("waits are random below a bound that doubles from 1 s to 30 s", async () => {
  for (const random of [0, 0.25, 0.999]) {
    const server = new FakeServer();
    server.random = random;
    const client = await server.signIn();
    const states = recordStates(client.open());
    const bounds = [1, 2, 4, 8, 16, 30, 30, 30];
    for (const bound of bounds) {
      (await server.nextSocket()).cut();
      await settle();
      const { state, retryAt } = /** @type {any} */ (states.at(-1));
      assert.equal(state, "waiting");
      assert.ok(Math.abs(retryAt - server.clock.now() - bound * 1000 * random) < 1, `${retryAt - server.clock.now()} ms of ${bound} s`);
      await server.clock.advance(retryAt - server.clock.now());
    }

    await client.close();
  }
});

test("after a connection that was stable the waits start over, after a short one they go on", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  await server.clock.advance(9_999);
  socket.cut();
  await settle();
  assert.equal(connection.state.attempt, 1);
  await server.clock.advance(1_000);
  const second = await server.nextSocket();
  second.welcome();
  await settle();
  second.cut();
  await settle();
  assert.equal(connection.state.attempt, 2);
  await server.clock.advance(2_000);
  const third = await server.nextSocket();
  third.welcome();
  await server.clock.advance(10_000);
  third.cut();
  await settle();
  assert.equal(connection.state.attempt, 1);
  await connection.close();
});

test("a node that leaves says how long to wait, within our own bound", async () => {
  for (const [reason, wait] of /** @type {const} */ ([["1234", 1234], ["0", 0], ["99999999", 30_000], ["soon", 500], ["-5", 500], ["", 500]])) {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    socket.end(4001, reason);
    await settle();
    assert.equal(connection.state.code, 4001);
    assert.equal(/** @type {number} */ (connection.state.retryAt) - server.clock.now(), wait, `reason '${reason}'`);
    await connection.close();
  }
});

test("codes that forbid coming back end the connection, the others do not", async () => {
  for (const code of [1002, 1003, 1007, 1008, 4500, 4501, 4502, 4503, 4504, 4999]) {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    const subscribing = connection.subscribe("r");
    await socket.subscribed();
    const messages = collect((await subscribing).messages);
    socket.end(code, "no");
    await settle();
    assert.equal(connection.state.state, "closed", String(code));
    assert.match(/** @type {any} */ (messages[0]).message, /no/);
    await assert.rejects(connection.subscribe("r"), { code: "closed" });
    assert.equal(server.clock.pending, 0);
  }

  for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4001, 4002, 4003, 4004, 4005, 4499]) {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    socket.end(code);
    await settle();
    assert.equal(connection.state.state, "waiting", String(code));
    await connection.close();
  }
});

test("a revoked session signs the client out", async () => {
  const server = new FakeServer();
  const { client, socket } = await server.connect();
  /** @type {string[]} */
  const reasons = [];
  client.addEventListener("signedout", (event) => reasons.push(event.detail.reason));
  socket.end(4503, "revoked");
  await settle();
  assert.deepEqual(reasons, ["session-ended"]);
  assert.equal(client.user, null);
});

test("a socket that is closing is sent nothing more, and its end keeps its reason", async () => {
  const server = new FakeServer();
  const { client, connection, socket } = await server.connect();
  /** @type {string[]} */
  const reasons = [];
  client.addEventListener("signedout", (event) => reasons.push(event.detail.reason));
  Object.assign(socket, { readyState: 2 });
  const before = socket.sent.length;
  const refused = assert.rejects(connection.signal("r", { kind: "typing" }), { code: "closed" });
  socket.end(4503, "revoked");
  await refused;
  await settle();
  assert.equal(socket.sent.length, before);
  assert.deepEqual(reasons, ["session-ended"]);
});

test("an expired token is renewed before the next socket", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  socket.end(4003);
  await server.clock.advance(500);
  assert.deepEqual((await server.nextSocket()).protocols, ["chat.v1", "bearer.access2"]);
  await connection.close();
});

test("a handshake that failed puts the token to the test: it is renewed", async () => {
  const server = new FakeServer();
  server.on("GET", "/v1/me", ({ token }) => (token === "access1" ? problem(401, "unauthenticated") : undefined));
  const client = await server.signIn();
  const connection = client.open();
  (await server.nextSocket()).cut();
  await server.clock.advance(500);
  assert.deepEqual((await server.nextSocket()).protocols, ["chat.v1", "bearer.access2"]);
  await connection.close();
});

test("a handshake that failed because the session has ended is the last", async () => {
  const server = new FakeServer();
  server.on("GET", "/v1/me", () => problem(401, "unauthenticated"));
  server.on("POST", "/v1/refresh", () => problem(401, "refresh-token-invalid"));
  const client = await server.signIn();
  const connecting = client.connect();
  (await server.nextSocket()).cut();
  await assert.rejects(connecting, { name: "RealtimeError" });
  assert.equal(client.user, null);
  assert.equal(server.clock.pending, 0);
});

test("a handshake that failed while session is away, too, is tried again", async () => {
  const server = new FakeServer();
  server.on("GET", "/v1/me", () => problem(500, "internal-error"));
  const client = await server.signIn();
  const connection = client.open();
  (await server.nextSocket()).cut();
  await server.clock.advance(500);
  (await server.nextSocket()).welcome();
  await connection.ready;
  await connection.close();
});

test("a server that does not begin with a welcome, or not in time, is left", async () => {
  for (const [frame, patience] of /** @type {const} */ ([[{ type: "pong" }, 0], [{ type: "message", room: "r", seq: 1, id: "m" }, 0], [null, 10_000]])) {
    const server = new FakeServer();
    const client = await server.signIn();
    const connection = client.open();
    const socket = await server.nextSocket();
    socket.accept();
    if (frame) {
      socket.say(frame);
    }

    await server.clock.advance(patience);
    assert.notEqual(socket.closedBySdk, null);
    await server.clock.advance(500);
    (await server.nextSocket()).welcome();
    await connection.ready;
    await connection.close();
  }
});

test("a ping that is not answered means a dead connection", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  const connection = client.open();
  const socket = await server.nextSocket();
  socket.welcome({ pingInterval: 20 });
  await server.clock.advance(20_000);
  assert.equal(socket.sent.at(-1).type, "ping");
  assert.equal(connection.roundTrip, 0);
  socket.isSilent = true; // The line is dead; not even a close gets through.
  await server.clock.advance(20_000);
  assert.equal(connection.state.state, "open");
  await server.clock.advance(10_000);
  assert.equal(connection.state.state, "waiting");
  assert.match(String(connection.state.reason), /ping/);
  await server.clock.advance(1_000);
  (await server.nextSocket()).welcome();
  await settle();
  socket.isSilent = false;
  socket.cut(); // The browser notices at last; nobody minds.
  await settle();
  assert.equal(connection.state.state, "open");
  await connection.close();
});

test("intervals that make no sense do not make a flood of pings", async () => {
  for (const pingInterval of [0, -1, 0.000001, null, "1", 1e300, undefined]) {
    const server = new FakeServer();
    const client = await server.signIn();
    const connection = client.open();
    const socket = await server.nextSocket();
    socket.welcome({ pingInterval });
    await server.clock.advance(10_000);
    assert.ok(socket.sent.length <= 10, `${pingInterval}: ${socket.sent.length} frames`);
    await connection.close();
  }
});

test("a fresh token goes out on the open socket before the old one ends", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  await server.clock.advance(539_000);
  assert.equal(socket.frames.length, 0);
  await server.clock.advance(1_000);
  const frame = await socket.next("auth");
  assert.equal(frame.token, "access2");
  socket.say({ type: "ack", id: frame.id });
  await server.clock.advance(539_000);
  assert.equal(socket.frames.length, 0);
  await server.clock.advance(1_000);
  assert.equal((await socket.next("auth")).token, "access3");
  await connection.close();
});

test("a renewal that fails is tried again, and the socket stays", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  let away = true;
  server.on("POST", "/v1/refresh", () => (away ? problem(503, "draining", { retryAfter: 60 }) : undefined));
  await server.clock.advance(560_000);
  assert.equal(connection.state.state, "open");
  assert.equal(socket.frames.length, 0);
  away = false;
  await server.clock.advance(5_000);
  assert.equal((await socket.next("auth")).token, "access2");
  await connection.close();
});

test("coming online ends the wait, but not for a whole office at once", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect({ reconnectMin: 10_000 });
  socket.cut();
  await settle();
  assert.equal(/** @type {number} */ (connection.state.retryAt) - server.clock.now(), 5_000);
  server.random = 0.1;
  server.events.dispatchEvent(new Event("online"));
  await server.clock.advance(999);
  assert.equal(server.sockets.length, 1);
  await server.clock.advance(1);
  (await server.nextSocket()).welcome();
  await settle();
  assert.equal(connection.state.state, "open");
  await connection.close();
});

test("going offline puts the connection to the test; it is kept when it answers", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  server.events.dispatchEvent(new Event("offline"));
  await server.clock.advance(3_000);
  assert.equal(connection.state.state, "open");
  socket.isSilent = true;
  server.events.dispatchEvent(new Event("offline"));
  await server.clock.advance(2_999);
  assert.equal(connection.state.state, "open");
  await server.clock.advance(1);
  assert.equal(connection.state.state, "waiting");
  await connection.close();
});

test("a page that is shown or looked at again puts the connection to the test at once", async () => {
  for (const type of ["pageshow", "visibilitychange"]) {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    server.events.dispatchEvent(new Event(type));
    assert.deepEqual(socket.sent.map((frame) => frame.type), ["ping"], type);
    await server.clock.advance(3_000);
    assert.equal(connection.state.state, "open");
    socket.isSilent = true;
    server.events.dispatchEvent(new Event(type));
    await server.clock.advance(3_000);
    assert.equal(connection.state.state, "waiting", type);
    await connection.close();
    assert.equal(server.events.listeners, 0);
  }
});

test("a page that is hidden asks nothing", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  Object.assign(globalThis, { document: { visibilityState: "hidden" } });
  try {
    server.events.dispatchEvent(new Event("visibilitychange"));
    assert.deepEqual(socket.sent, []);
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }

  await connection.close();
});

test("close ends in bounded time when the server does not answer it", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  socket.isSilent = true;
  const closing = connection.close();
  await server.clock.advance(1_999);
  assert.equal(connection.state.state, "open");
  await server.clock.advance(1);
  await closing;
  assert.equal(connection.state.state, "closed");
  await connection.close();
});

test("close ends the wait, the handshake, and the search for a token", async () => {
  const waiting = new FakeServer();
  const { connection, socket } = await waiting.connect();
  socket.cut();
  await settle();
  await connection.close();
  assert.equal(waiting.clock.pending, 0);

  const shaking = new FakeServer();
  const client = await shaking.signIn();
  const opening = client.open();
  await shaking.nextSocket();
  await opening.close();
  await assert.rejects(opening.ready, { code: "closed" });

  const searching = new FakeServer();
  searching.on("POST", "/v1/refresh", searching.hang());
  const other = await searching.signIn();
  await searching.clock.advance(600_000);
  const without = other.open();
  await settle();
  await without.close();
  assert.equal(without.state.state, "closed");
});

test("connect gives up when its signal says so", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  const stop = new AbortController();
  const connecting = client.connect({ signal: stop.signal });
  await server.nextSocket();
  stop.abort(new Error("enough"));
  await assert.rejects(connecting, /enough/);
  await assert.rejects(client.connect({ signal: stop.signal }), /enough/);
  assert.equal(server.clock.pending, 0);
});

test("an address that no socket can be made for is the end", async () => {
  const server = new FakeServer();
  const client = await server.signIn({
    WebSocket: class {
      constructor() {
        throw new DOMException("mixed content", "SecurityError");
      }
    },
  });
  await assert.rejects(client.connect(), /mixed content/);
});

test("nobody is signed in: the connection says so and ends", async () => {
  const server = new FakeServer();
  await assert.rejects(new ChatClient(server.options()).connect(), { code: "bad-token" });
});

test("signals: sent when open, refused as the server says, and not kept when away", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const sending = connection.signal("r", { sdp: "x" }, { to: "bob" });
  const frame = await socket.next("signal");
  assert.deepEqual(frame, { type: "signal", room: "r", data: { sdp: "x" }, to: "bob", id: frame.id });
  socket.say({ type: "ack", id: frame.id });
  await sending;
  const refused = connection.signal("r", 1);
  socket.say({ type: "error", id: (await socket.next("signal")).id, code: "rate-limited", detail: "slow down", retryAfter: 2 });
  await assert.rejects(refused, { code: "rate-limited", retryAfter: 2, message: "slow down" });
  await assert.rejects(connection.signal("r", "x".repeat(32 * 1024)), { code: "too-large" });
  await assert.rejects(connection.signal("r", null), TypeError);
  await assert.rejects(connection.signal("r", undefined), TypeError);
  const lost = connection.signal("r", 1);
  await settle();
  socket.cut();
  await assert.rejects(lost, { code: "closed", retryAfter: 1 });
  await assert.rejects(connection.signal("r", 1), { code: "closed", retryAfter: 1 });
  await connection.close();
});

test("an error that names no frame settles the signals that wait, and the socket stays", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const refused = [connection.signal("r", 1), connection.signal("r", 2)].map((sending) => assert.rejects(sending, { code: "bad-frame", message: "Not a frame." }));
  const subscribing = connection.subscribe("r");
  await settle();
  socket.say({ type: "error", code: "bad-frame", detail: "Not a frame." });
  await Promise.all(refused);
  await socket.next("signal");
  await socket.next("signal");
  await socket.subscribed();
  await subscribing;
  await server.clock.advance(10_000);
  assert.equal(connection.state.state, "open");
  assert.equal(server.sockets.length, 1);
  await connection.close();
});

test("a signal that is nested too deep is refused at once, by its own error", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const refused = connection.signal("r", JSON.parse("[".repeat(64) + "]".repeat(64)));
  const other = connection.signal("r", 1);
  socket.say({ type: "error", id: (await socket.next("signal")).id, code: "too-large", detail: "data: nested at most 63 deep." });
  await assert.rejects(refused, { code: "too-large" });
  socket.say({ type: "ack", id: (await socket.next("signal")).id });
  await other;
  await connection.close();
});

test("options out of bounds are refused by name", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  assert.throws(() => client.open({ buffer: 1 }), /buffer/);
  assert.throws(() => client.open({ reconnectMin: NaN }), /reconnectMin/);
  assert.throws(() => client.open({ reconnectMin: 5_000, reconnectMax: 1_000 }), /reconnectMax/);
});

/** @param {FakeServer} server */
async function socketOf(server) {
  await settle();
  return /** @type {import("./support/fake-server.js").FakeSocket} */ (server.sockets.at(-1));
}
