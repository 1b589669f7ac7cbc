// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/fake-clock.js";
import { FakeServer } from "./support/fake-server.js";
import { collect, seqsOf } from "./support/states.js";

/** A generator that a seed decides (mulberry32), so that a failure can be repeated. */
function randomOf(/** @type {number} */ seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const total = 600;

for (const [seed, order] of /** @type {const} */ ([[1, "client"], [2, "client"], [3, "server"], [4, "client"], [5, "server"]])) {
  test(`a wire that loses, doubles, mixes and breaks (seed ${seed}, order ${order}): every message once and in order`, async () => {
    const random = randomOf(seed);
    const server = new FakeServer();
    const client = await server.signIn();
    const connection = client.open({ buffer: 64 });
    let socket = await server.nextSocket();
    socket.welcome();
    await connection.ready;
    const subscribing = connection.subscribe("r", { after: 0, order });
    await socket.subscribed(0);
    const messages = collect((await subscribing).messages);
    let sent = 0;
    while (sent < total) {
      const burst = Math.min(1 + Math.floor(random() * 40), total - sent);
      server.store("r", burst);
      const batch = Array.from({ length: burst }, (_, i) => sent + i + 1);
      sent += burst;
      for (let copies = Math.floor(random() * 3); copies > 0; copies--) {
        batch.push(1 + Math.floor(random() * sent));
      }

      const keys = new Map(batch.map((seq) => [seq, seq + random() * 6]));
      for (const seq of batch.sort((a, b) => /** @type {number} */ (keys.get(a)) - /** @type {number} */ (keys.get(b)))) {
        if (random() > 0.1) {
          socket.messages("r", seq);
        }
      }

      if (random() < 0.15) {
        socket.cut();
        while (server.sockets.at(-1) === socket) {
          await server.clock.advance(1_000);
        }

        socket = await server.nextSocket();
        socket.welcome();
        const { after } = await socket.subscribed(sent);
        assert.ok(after >= messages.length, "what was read is not asked for again");
      }

      await server.clock.advance(random() * 300);
    }

    // A lost tail shows when the stream resumes.
    socket.cut();
    await server.clock.advance(60_000);
    socket = await server.nextSocket();
    if (!socket.isOver) {
      socket.welcome();
    }

    for (let tries = 0; messages.length < total && tries < 50; tries++) {
      socket = server.sockets[server.sockets.length - 1];
      if (socket.sent.length === 0 && !socket.isOver) {
        socket.welcome();
      }

      await settle();
      if (socket.frames.length > 0) {
        await socket.subscribed(total);
      }

      await server.clock.advance(1_000);
    }

    assert.deepEqual(seqsOf(messages), Array.from({ length: total }, (_, i) => i + 1));
    await connection.close();
  });
}

/** What ends the socket, and the connection comes back. */
const unreadable = {
  "binary": new ArrayBuffer(4),
  "not JSON": "{",
  "empty": "",
  "a number": "1",
  "null": "null",
  "an array": "[]",
  "without a type": "{}",
  "a type that is no text": '{"type":{}}',
  "too long": JSON.stringify({ type: "message", text: "x".repeat(300_000) }),
  "nested without end": "[".repeat(200_000),
};

for (const [name, data] of Object.entries(unreadable)) {
  test(`a frame that is none (${name}) costs the socket and nothing else`, async () => {
    const server = new FakeServer();
    const { connection, socket } = await server.connect();
    const subscribing = connection.subscribe("r", { after: 0 });
    await socket.subscribed();
    const messages = collect((await subscribing).messages);
    socket.messages("r", 1);
    socket.sayRaw(data);
    socket.messages("r", 2); // Too late: nothing of that socket counts now.
    await settle();
    assert.equal(connection.state.state, "waiting");
    await server.clock.advance(500);
    const next = await server.nextSocket();
    next.welcome();
    assert.equal((await next.subscribed(1)).after, 1);
    next.messages("r", 2);
    await settle();
    assert.deepEqual(seqsOf(messages), [1, 2]);
    await connection.close();
  });
}

test("frames with members that are missing or wrong change nothing", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const subscribing = connection.subscribe("r", { after: 0 });
  await socket.subscribed();
  const room = await subscribing;
  const messages = collect(room.messages);
  const signals = collect(room.signals);
  const before = JSON.stringify(Object.prototype);
  for (const frame of [
    { type: "unknown" },
    { type: "unknown", room: "r" },
    { type: "message" },
    { type: "message", room: "r" },
    { type: "message", room: "r", seq: "1", id: "m" },
    { type: "message", room: "r", seq: -1, id: "m" },
    { type: "message", room: "r", seq: 0, id: "m" },
    { type: "message", room: "r", seq: 1.5, id: "m" },
    { type: "message", room: "r", seq: 1e300, id: "m" },
    { type: "message", room: "r", seq: 1, id: 1 },
    { type: "message", room: "elsewhere", seq: 1, id: "m" },
    { type: "message", room: "__proto__", seq: 1, id: "m" },
    { type: "message", room: ["r"], seq: 1, id: "m" },
    { type: "subscribed", room: "r", after: "0", head: 5 },
    { type: "subscribed", room: "r", after: 0, head: -5 },
    { type: "subscribed", room: "r" },
    { type: "subscribed" },
    { type: "unsubscribed" },
    { type: "unsubscribed", room: "elsewhere" },
    { type: "error" },
    { type: "error", id: "999", code: {}, detail: [] },
    { type: "ack" },
    { type: "ack", id: {} },
    { type: "pong", id: "constructor" },
    { type: "welcome", node: "other" },
    { type: "system" },
    { type: "signal" },
  ]) {
    socket.say(frame);
  }

  socket.sayRaw('{"type":"signal","room":"r","id":"s","sender":7,"__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}}}');
  socket.say({ type: "message", room: "r", seq: 1, id: "m1", sender: {}, text: 7, attachments: ["f", 7, null], sentAt: [] });
  await settle();
  assert.equal(connection.state.state, "open");
  assert.equal(JSON.stringify(Object.prototype), before);
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
  assert.equal(/** @type {any} */ (signals[0]).polluted, undefined);
  assert.equal(/** @type {any} */ (signals[0]).sender, "");
  assert.equal(messages.length, 1);
  assert.equal(room.head, 1);
  const { delivery, ...message } = /** @type {any} */ (messages[0]);
  assert.deepEqual(message, { room: "r", seq: 1, id: "m1", sender: "", text: "", attachments: ["f"], sentAt: "" });
  await connection.close();
});

test("a subscribe that is answered with something senseless does not start a stream", async () => {
  const server = new FakeServer();
  const { connection, socket } = await server.connect();
  const subscribing = connection.subscribe("r", { after: 0 });
  socket.say({ type: "subscribed", id: (await socket.next("subscribe")).id, room: "r", after: "x", head: null });
  await settle();
  assert.equal(connection.state.state, "waiting");
  await server.clock.advance(500);
  const next = await server.nextSocket();
  next.welcome();
  await next.subscribed();
  await subscribing;
  await connection.close();
});
