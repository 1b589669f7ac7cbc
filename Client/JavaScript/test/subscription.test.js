// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/fake-clock.js";
import { FakeServer, problem } from "./support/fake-server.js";
import { collect, seqsOf } from "./support/states.js";

const numbers = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/**
 * @param {FakeServer} server
 * @param {import("../src/types.js").SubscribeOptions} [options]
 * @param {import("../src/types.js").LiveOptions} [live]
 */
async function subscribed(server, options, live) {
  const { client, connection, socket } = await server.connect(live);
  const subscribing = connection.subscribe("r", options);
  await socket.subscribed(options?.after ?? 0);
  return { client, connection, socket, room: await subscribing };
}

/**
 * Cuts the line and welcomes the socket that follows.
 * @param {FakeServer} server
 */
async function reconnect(server) {
  server.sockets.at(-1)?.cut();
  await server.clock.advance(500);
  const socket = await server.nextSocket();
  socket.welcome();
  return socket;
}

test("messages come in order, each with the way it came", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  const messages = collect(room.messages);
  socket.messages("r", 1, 2, 3);
  await settle();
  assert.deepEqual(seqsOf(messages), [1, 2, 3]);
  const { delivery, ...message } = /** @type {any} */ (messages[0]);
  assert.deepEqual(message, { room: "r", seq: 1, id: "m1", sender: "u", text: "text 1", attachments: [], sentAt: "2026-01-01T00:00:00Z" });
  assert.deepEqual(delivery, { source: "live", receivedAt: server.clock.now(), delay: 0, node: "node-1" });
  assert.equal(room.lastSeq, 3);
  await connection.close();
});

test("order client: what came early waits, second copies are dropped", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0, order: "client" });
  assert.equal(socket.sent.at(-1).order, "client");
  const messages = collect(room.messages);
  socket.messages("r", 3, 2, 2, 3);
  await settle();
  assert.deepEqual(messages, []);
  socket.messages("r", 1, 1, 2);
  await settle();
  assert.deepEqual(seqsOf(messages), [1, 2, 3]);
  assert.equal(room.stats.duplicates, 4);
  assert.equal(server.clock.pending > 0, true);
  await connection.close();
});

test("a gap is filled from the history: after 250 ms with order client, after 2 s with order server", async () => {
  for (const [order, wait] of /** @type {const} */ ([["client", 250], ["server", 2_000]])) {
    const server = new FakeServer();
    const { connection, socket, room } = await subscribed(server, { after: 0, order });
    const messages = collect(room.messages);
    server.store("r", 5);
    socket.messages("r", 1, 4);
    await server.clock.advance(wait - 1);
    assert.deepEqual(seqsOf(messages), [1]);
    assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 0);
    await server.clock.advance(1);
    assert.deepEqual(seqsOf(messages), [1, 2, 3, 4, 5]);
    assert.equal(server.callsOf("GET", "/v1/rooms/r/messages")[0].url.searchParams.get("after"), "1");
    assert.equal(/** @type {any} */ (messages[1]).delivery.source, "history");
    assert.equal(room.stats.repaired, 3);
    socket.messages("r", 2, 5, 6);
    await settle();
    assert.deepEqual(seqsOf(messages), numbers(1, 6));
    await connection.close();
  }
});

test("a message that comes within the window costs no call", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0, order: "client" });
  const messages = collect(room.messages);
  for (let seq = 1; seq < 40; seq += 2) {
    socket.messages("r", seq + 1);
    await server.clock.advance(200);
    socket.messages("r", seq);
    await server.clock.advance(200);
  }

  assert.deepEqual(seqsOf(messages), numbers(1, 40));
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 0);
  await connection.close();
});

test("a lost tail shows when the stream resumes, and is fetched if the socket does not bring it", async () => {
  const server = new FakeServer();
  const { connection, room } = await subscribed(server, { after: 0 });
  const messages = collect(room.messages);
  server.store("r", 3);
  const socket = await reconnect(server);
  assert.equal((await socket.subscribed(3)).after, 0);
  await server.clock.advance(2_000);
  assert.deepEqual(seqsOf(messages), [1, 2, 3]);
  await connection.close();
});

test("after a loss every room resumes behind the last message that came in order", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 7, order: "client" });
  const messages = collect(room.messages);
  const subscribing = connection.subscribe("other");
  await socket.subscribed(100);
  const other = await subscribing;
  socket.messages("r", 8, 9, 11, 12);
  await settle();
  const next = await reconnect(server);
  await settle();
  assert.deepEqual(next.sent.map(({ room, after }) => [room, after]), [["r", 9], ["other", 100]]);
  await next.subscribed(12);
  await next.subscribed(100);
  next.messages("r", 10, 11, 12, 13);
  await settle();
  assert.deepEqual(seqsOf(messages), numbers(8, 13));
  assert.equal(room.stats.resumed, 1);
  assert.equal(other.lastSeq, 100);
  await connection.close();
});

test("a subscription that is asked for while the connection is away starts with the next socket", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  socket.cut();
  await settle();
  const subscribing = connection.subscribe("r", { after: 5 });
  await server.clock.advance(500);
  const next = await server.nextSocket();
  next.welcome();
  assert.equal((await next.subscribed(9)).after, 5);
  assert.equal((await subscribing).head, 9);
  await connection.close();
});

test("a reader that is slow costs calls and not memory", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 }, { buffer: 16 });
  server.store("r", 1_000);
  socket.messages("r", ...numbers(1, 1_000));
  await server.clock.advance(60_000);
  assert.equal(room.stats.discarded, 1_000 - 16);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 0, "nothing is fetched before somebody wants it");
  const messages = collect(room.messages);
  await server.clock.advance(200_000);
  assert.deepEqual(seqsOf(messages), numbers(1, 1_000));
  assert.equal(Number(server.calls.at(-1)?.url.searchParams.get("limit")), 16);
  await connection.close();
});

test("a reader that has fallen behind catches up page by page without waiting in between", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 }, { buffer: 100 });
  server.store("r", 1_000);
  socket.messages("r", ...numbers(1, 1_000));
  await settle();
  const messages = collect(room.messages);
  for (let turn = 0; turn < 20; turn++) {
    await settle();
  }

  assert.deepEqual(seqsOf(messages), numbers(1, 1_000));
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 9);
  await connection.close();
});

test("a history that is away is asked again, ever more slowly, and as it says", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0, order: "client" });
  const messages = collect(room.messages);
  server.store("r", 3);
  let status = 500;
  server.on("GET", "/v1/rooms/r/messages", () => (status === 500 ? problem(500, "internal-error") : status === 429 ? problem(429, "too-many-requests", { retryAfter: 50 }) : undefined));
  socket.messages("r", 2);
  await server.clock.advance(250);
  socket.messages("r", 3); // What comes meanwhile changes nothing about the wait.
  await server.clock.advance(1_000 + 2_000 + 4_000);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 4);
  status = 429;
  await server.clock.advance(8_000);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 5);
  status = 200;
  await server.clock.advance(49_999);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 5);
  await server.clock.advance(1);
  assert.deepEqual(seqsOf(messages), [1, 2, 3]);
  await connection.close();
});

test("a gap that the socket fills after all is over: the next one is waited for anew", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0, order: "client" });
  const messages = collect(room.messages);
  server.on("GET", "/v1/rooms/r/messages", () => problem(500, "internal-error"));
  socket.messages("r", 2);
  await server.clock.advance(250 + 1_000 + 2_000);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 3);
  socket.messages("r", 1, 4);
  await server.clock.advance(249);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 3);
  await server.clock.advance(1);
  assert.equal(server.callsOf("GET", "/v1/rooms/r/messages").length, 4);
  socket.messages("r", 3);
  await settle();
  assert.deepEqual(seqsOf(messages), [1, 2, 3, 4]);
  await connection.close();
});

test("a head that nothing stands behind is asked for ever more slowly", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  const messages = collect(room.messages);
  socket.say({ type: "message", room: "r", seq: Number.MAX_SAFE_INTEGER, id: "m", sender: "u", text: "", sentAt: "" });
  await server.clock.advance(600_000);
  const calls = server.callsOf("GET", "/v1/rooms/r/messages").length;
  assert.ok(calls > 5 && calls < 30, `${calls} calls`);
  server.store("r", 1);
  await server.clock.advance(30_000);
  assert.deepEqual(seqsOf(messages), [1]);
  await connection.close();
});

test("losing the room while fetching ends the subscription", async () => {
  const server = new FakeServer();
  server.on("GET", "/v1/rooms/r/messages", () => problem(403, "not-a-member"));
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  const messages = collect(room.messages);
  socket.messages("r", 2);
  await server.clock.advance(2_000);
  assert.equal(/** @type {any} */ (messages[0]).code, "not-a-member");
  assert.ok(room.hasEnded);
  await connection.close();
});

test("events: message, signal, system and ended, at the room's pace", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 }, { eventBuffer: 1 });
  /** @type {[string, any][]} */
  const events = [];
  for (const type of ["message", "signal", "system", "ended"]) {
    room.addEventListener(type, (event) => events.push([type, event.detail]));
  }

  socket.messages("r", 2, 1);
  socket.say({ type: "signal", room: "r", id: "s1", sender: "bob", to: "u", data: { typing: true } });
  socket.say({ type: "signal", room: "r", id: "s2", sender: "bob", data: 0 });
  socket.say({ type: "system", room: "r", id: "e1", event: "member.joined", actor: "bob", user: "bob", at: "2026-01-01T00:00:00Z" });
  await settle();
  assert.deepEqual(events.slice(0, 5).map(([type, detail]) => [type, detail.seq ?? detail.id]), [
    ["signal", "s1"],
    ["signal", "s2"],
    ["system", "e1"],
    ["message", 1],
    ["message", 2],
  ].sort(([a], [b]) => events.findIndex(([type]) => type === a) - events.findIndex(([type]) => type === b)));
  assert.deepEqual(events.find(([type]) => type === "signal")?.[1], { room: "r", id: "s1", sender: "bob", to: "u", data: { typing: true } });
  assert.equal(room.stats.droppedSignals, 0, "what a listener has taken waits for nobody");
  socket.messages("r", 3);
  assert.equal(events.at(-1)?.[1].seq, 3, "a listener hears at once");
  socket.say({ type: "unsubscribed", room: "r", reason: "removed" });
  assert.deepEqual([events.at(-1)?.[0], events.at(-1)?.[1].reason, events.at(-1)?.[1].error.code], ["ended", "removed", "not-a-member"]);
  await connection.close();
  assert.equal(events.filter(([type]) => type === "ended").length, 1);
});

test("signals and system events that nobody takes: the oldest are dropped and counted", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, {}, { eventBuffer: 3 });
  for (let i = 1; i <= 10; i++) {
    socket.say({ type: "signal", room: "r", id: `s${i}`, sender: "bob", data: i });
    socket.say({ type: "system", room: "r", id: `e${i}`, event: "room.updated", actor: "bob", at: "2026-01-01T00:00:00Z" });
  }

  assert.deepEqual([room.stats.droppedSignals, room.stats.droppedSystemEvents], [7, 7]);
  const signals = collect(room.signals);
  const systemEvents = collect(room.systemEvents);
  await settle();
  assert.deepEqual(signals.map((signal) => /** @type {any} */ (signal).data), [8, 9, 10]);
  assert.deepEqual(systemEvents.map((event) => /** @type {any} */ (event).id), ["e8", "e9", "e10"]);
  socket.say({ type: "signal", room: "r", id: "s11", sender: "bob", data: 11 });
  await settle();
  assert.equal(signals.length, 4);
  await connection.close();
});

test("a loop that is left and begun anew goes on where it was", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  socket.messages("r", 1, 2, 3, 4);
  /** @type {number[]} */
  const seqs = [];
  for await (const { seq } of room.messages) {
    seqs.push(seq);
    if (seq === 2) {
      break;
    }
  }

  for await (const { seq } of room.messages) {
    seqs.push(seq);
    if (seq === 4) {
      break;
    }
  }

  assert.deepEqual(seqs, [1, 2, 3, 4]);
  await connection.close();
});

test("unsubscribing ends the loops quietly, and the room can be subscribed anew", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  let ends = 0;
  const reading = Promise.all([room.messages, room.signals, room.systemEvents].map(async (stream) => {
    for await (const _ of stream) {
      assert.fail("nothing was sent");
    }

    ends++;
  }));
  await settle();
  const leaving = room.unsubscribe();
  const again = connection.subscribe("r", { after: 4 });
  socket.messages("r", 1, 99); // Sent before the server saw the unsubscribe: not the new one's.
  await leaving;
  await reading;
  assert.equal(ends, 3);
  assert.equal(socket.frames[0].after, 4);
  await socket.subscribed(4);
  const messages = collect((await again).messages);
  assert.equal((await again).head, 4);
  socket.messages("r", 5);
  await settle();
  assert.deepEqual(seqsOf(messages), [5]);
  await room.unsubscribe();
  await connection.close();
});

test("what came in order before the server ended the subscription is still read", async () => {
  const server = new FakeServer();
  const { connection, socket, room } = await subscribed(server, { after: 0 });
  socket.messages("r", 1, 2);
  socket.say({ type: "unsubscribed", room: "r", reason: "room-deleted" });
  const messages = collect(room.messages);
  await settle();
  assert.deepEqual(seqsOf(messages.slice(0, 2)), [1, 2]);
  assert.match(String(messages[2]), /room-deleted/);
  await connection.close();
});

test("a subscribe that is refused fails with the server's code", async () => {
  for (const code of ["not-a-member", "invalid-position", "too-many-subscriptions", "already-subscribed"]) {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    const subscribing = connection.subscribe("r");
    socket.say({ type: "error", id: (await socket.next("subscribe")).id, room: "r", code, detail: "no" });
    await assert.rejects(subscribing, { name: "RealtimeError", code });
    const again = connection.subscribe("r");
    await settle();
    socket.frames.splice(0, socket.frames.length - 1);
    await socket.subscribed();
    await again;
    await connection.close();
  }
});

test("a subscribe that the server cannot serve now is repeated: a first one a few times, a resumed one for ever", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const refuse = async (/** @type {import("./support/fake-server.js").FakeSocket} */ refusing) =>
    refusing.say({ type: "error", id: (await refusing.next("subscribe")).id, room: "r", code: "unavailable", detail: "no", retryAfter: 2 });
  const subscribing = connection.subscribe("r");
  const outcome = assert.rejects(subscribing, { code: "unavailable", retryAfter: 2 });
  for (let tries = 0; tries < 6; tries++) {
    await refuse(socket);
    await server.clock.advance(2_000);
  }

  await outcome;
  const again = connection.subscribe("r", { after: 0 });
  await refuse(socket);
  await server.clock.advance(2_000);
  await socket.subscribed();
  const room = await again;
  const next = await reconnect(server);
  for (let tries = 0; tries < 20; tries++) {
    await refuse(next);
    await server.clock.advance(2_000);
  }

  await next.subscribed();
  assert.equal(room.hasEnded, false);
  await connection.close();
});

test("a subscribe that is not answered means a dead connection; the next socket repeats it", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const subscribing = connection.subscribe("r");
  await socket.next("subscribe");
  await server.clock.advance(10_000);
  assert.equal(connection.state.state, "waiting");
  await server.clock.advance(500);
  const next = await server.nextSocket();
  next.welcome();
  await next.subscribed();
  await subscribing;
  await connection.close();
});

test("subscribing gives up when its signal says so, and leaves nothing behind", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const stop = new AbortController();
  const subscribing = connection.subscribe("r", { signal: stop.signal });
  await socket.next("subscribe");
  stop.abort(new Error("enough"));
  await assert.rejects(subscribing, /enough/);
  assert.equal(socket.sent.at(-1).type, "unsubscribe");
  const again = connection.subscribe("r");
  await socket.subscribed();
  await again;
  await connection.close();
});

test("a second subscription to a room, a room that is none, and a position that is none are refused here", async () => {
  const server = new FakeServer();
  const { connection } = await subscribed(server);
  await assert.rejects(connection.subscribe("r"), { code: "already-subscribed" });
  await assert.rejects(connection.subscribe("no room"), TypeError);
  await assert.rejects(connection.subscribe(""), TypeError);
  await assert.rejects(connection.subscribe("x", { after: -1 }), TypeError);
  await assert.rejects(connection.subscribe("x", { after: 1.5 }), TypeError);
  await connection.close();
});

test("a subscription from a statechange to open is sent once", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  const connection = client.open();
  connection.addEventListener("statechange", () => {
    if (connection.state.state === "open") {
      void connection.subscribe("r");
    }
  });
  const socket = await server.nextSocket();
  socket.welcome();
  await settle();
  assert.equal(socket.frames.filter(({ type }) => type === "subscribe").length, 1);
  await socket.subscribed();
  await connection.close();
});

test("the layout comes with the subscription, and each change once", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const subscribing = connection.subscribe("r", { after: 0 });
  await socket.subscribed(0, { layout: { name: "legacy", epoch: 2 } });
  const room = await subscribing;
  assert.deepEqual(room.layout, { name: "legacy", shards: null, epoch: 2 });
  /** @type {any[]} */
  const told = [];
  room.addEventListener("layout", ({ detail }) => told.push(detail));
  const sharded = { name: "sharded", shards: 4, epoch: 3 };
  socket.say({ type: "layout", room: "r", layout: sharded });
  socket.say({ type: "layout", room: "r", layout: sharded });
  assert.deepEqual(told, [sharded]);
  assert.deepEqual(room.layout, sharded);

  // A node without a word of it leaves what is known; another layout comes with the next socket, too.
  const second = await reconnect(server);
  await second.subscribed(0);
  assert.deepEqual(room.layout, sharded);
  await server.clock.advance(10_000);
  const third = await reconnect(server);
  await third.subscribed(0, { layout: { name: "sharded", shards: 16, epoch: 7 } });
  assert.deepEqual(told, [sharded, { name: "sharded", shards: 16, epoch: 7 }]);
  await connection.close();
});

test("what cannot be read as a layout, and what nobody knows, changes nothing", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const subscribing = connection.subscribe("r", { after: 0 });
  await socket.subscribed(0, { layout: 7, weather: { wind: [1, 2] } });
  const room = await subscribing;
  const messages = collect(room.messages);
  for (const layout of [undefined, null, 7, "legacy", [], {}, { name: 4 }, { name: "" }]) {
    socket.say({ type: "layout", room: "r", layout });
  }

  socket.say({ type: "layout", layout: { name: "sharded", shards: 4, epoch: 1 } });
  socket.say({ type: "layout", room: "elsewhere", layout: { name: "sharded", shards: 4, epoch: 1 } });
  socket.say({ type: "of-tomorrow", room: "r", layout: { name: "sharded" } });
  assert.equal(room.layout, null);
  socket.say({ type: "layout", room: "r", layout: { name: "spiral", shards: -1, epoch: "x", turns: 3 } });
  assert.deepEqual(room.layout, { name: "spiral", shards: null, epoch: 0 });
  socket.messages("r", 1);
  await settle();
  assert.deepEqual(seqsOf(messages), [1]);
  assert.equal(server.sockets.length, 1);
  await connection.close();
});
