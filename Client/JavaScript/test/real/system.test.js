// @ts-check

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { ChatClient, ProblemTypes } from "../../realtime.js";
import { WebSocketClient } from "../support/ws-client.js";

/**
 * Against real services, at the addresses in these variables: SESSION_URL, CHAT_URL, FILEMAN_URL, REALTIME_URL. Each test has a tenant of its own.
 */
const [session, chat, fileman, realtime] = ["SESSION_URL", "CHAT_URL", "FILEMAN_URL", "REALTIME_URL"].map((name) => {
  const address = process.env[name];
  assert.ok(address, `${name} is not set.`);
  return address;
});

const password = "correct horse battery";

/** Every socket that was opened, so that a test can break it. */
/** @type {WebSocketClient[]} */
const sockets = [];
class RecordedWebSocket extends WebSocketClient {
  constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
    super(url, protocols);
    sockets.push(this);
  }
}

/** @param {Partial<import("../../src/types.js").ChatClientOptions>} [more] */
function newClient(more) {
  return new ChatClient({ session, chat, fileman, realtime, WebSocket: RecordedWebSocket, ...more });
}

/**
 * A tenant with its admin Ada, and Bob.
 * @param {Partial<import("../../src/types.js").ChatClientOptions>} [more] For Bob.
 */
async function tenantOfTwo(more) {
  const tenant = `js-${randomUUID()}`;
  const ada = newClient();
  await ada.signUp({ tenant, name: "Acme", admin: { username: "ada", password, displayName: "Ada" }, openRegistration: true });
  const bob = newClient(more);
  await bob.register(tenant, { username: "bob", password });
  await ada.rooms.create({ id: "general", name: "General", visibility: "public" });
  await bob.rooms.join("general");
  return { tenant, ada, bob };
}

/**
 * The next item, or the error that ends the stream.
 * @template T
 * @param {AsyncIterable<T>} stream
 */
async function nextOf(stream) {
  for await (const item of stream) {
    return item;
  }

  throw new Error("The stream has ended.");
}

/**
 * @param {import("../../realtime.js").LiveConnection} live
 * @param {string} state
 */
async function reaches(live, state) {
  while (live.state.state !== state) {
    await once(live, "statechange");
  }
}

test("accounts and sessions", async () => {
  const { tenant, ada, bob } = await tenantOfTwo();
  assert.deepEqual([ada.user?.username, ada.user?.role, ada.tenant, bob.user?.displayName], ["ada", "admin", tenant, "bob"]);
  assert.equal((await bob.account.me()).tenant.name, "Acme");
  const phone = newClient();
  await assert.rejects(phone.login({ tenant, username: "bob", password: "wrong" }), { status: 401, type: ProblemTypes.badCredentials });
  await phone.login({ tenant, username: "bob", password });
  assert.equal((await bob.account.sessions()).items.length, 2);
  const next = "an even longer password";
  await assert.rejects(bob.account.changePassword({ currentPassword: "wrong", newPassword: next }), { type: ProblemTypes.badCredentials });
  await bob.account.changePassword({ currentPassword: password, newPassword: next });
  await assert.rejects(phone.account.me(), { status: 401 });
  assert.equal(phone.user, null, "the change of password has ended the other session");
  await phone.login({ tenant, username: "bob", password: next });
  assert.equal((await bob.account.revokeOtherSessions()).revoked.length, 1);
  await bob.logout();
  await assert.rejects(bob.account.me(), { type: ProblemTypes.unauthenticated });
  await assert.rejects(newClient().signUp({ tenant, name: "Again", admin: { username: "x", password } }), { status: 409, type: ProblemTypes.tenantExists });
  await assert.rejects(newClient().register(tenant, { username: "ada", password }), { type: ProblemTypes.usernameTaken });
});

test("a kept refresh token goes on, and a stolen one ends the session", async () => {
  const { ada } = await tenantOfTwo();
  const kept = /** @type {any} */ (ada.tokens);
  const later = newClient();
  assert.equal((await later.resume(kept.refreshToken))?.sessionId, kept.sessionId);
  await later.resume(later.tokens?.refreshToken);
  await assert.rejects(newClient().resume(kept.refreshToken), { type: ProblemTypes.refreshTokenReused });
  /** @type {string[]} */
  const ends = [];
  later.addEventListener("signedout", (event) => ends.push(event.detail.reason));
  await assert.rejects(later.account.me(), { status: 401 });
  assert.deepEqual(ends, ["session-ended"]);
});

test("rooms, members, messages, read markers", async () => {
  const { tenant, ada, bob } = await tenantOfTwo();
  assert.deepEqual((await ada.rooms.listPublic()).items.map(({ id }) => id), ["general"]);
  assert.equal((await bob.rooms.get("general")).members, 2);
  const posted = await ada.messages.post("general", { id: "first", text: "<b>hello</b>" });
  assert.deepEqual([posted.seq, posted.text, posted.attachments, posted.sender], [1, "<b>hello</b>", [], ada.user?.id]);
  assert.deepEqual(await ada.messages.post("general", { id: "first", text: "<b>hello</b>" }), posted);
  for (let i = 2; i <= 7; i++) {
    await bob.messages.post("general", { text: `message ${i}` });
  }

  assert.deepEqual((await ada.messages.list("general", { after: 2, limit: 2 })).messages.map(({ seq }) => seq), [3, 4]);
  assert.deepEqual((await ada.messages.list("general", { before: 4, limit: 2 })).messages.map(({ seq }) => seq), [2, 3]);
  assert.deepEqual((await ada.messages.list("general")).lastSeq, 7);
  assert.equal((await ada.messages.get("general", 3)).text, "message 3");
  assert.deepEqual(await ada.rooms.markRead("general", 5), { readSeq: 5, lastSeq: 7 });
  assert.deepEqual((await ada.rooms.unread()).rooms, [{ room: "general", unread: 2, readSeq: 5, lastSeq: 7 }]);
  assert.equal((await ada.rooms.list()).items[0].unread, 2);
  assert.equal((await ada.rooms.setRole("general", /** @type {any} */ (bob.user).id, "moderator")).role, "moderator");
  assert.equal((await ada.rooms.members("general")).items.length, 2);
  await assert.rejects(ada.rooms.leave("general"), { status: 409, type: ProblemTypes.lastOwner });
  await ada.rooms.remove("general", /** @type {any} */ (bob.user).id);
  await assert.rejects(bob.messages.post("general", { text: "still here" }), { status: 403, type: ProblemTypes.notAMember });
  await assert.rejects(bob.rooms.create({ id: "general", name: "Mine" }), { type: ProblemTypes.roomExists });
  assert.equal((await newClient().login({ tenant, username: "BOB", password })).user.id, bob.user?.id);
});

test("files", async () => {
  const { ada, bob } = await tenantOfTwo();
  const bytes = new TextEncoder().encode("line\n".repeat(50_000));
  /** @type {number[]} */
  const progress = [];
  const file = await ada.files.upload(bytes, { name: "Grüße.txt", type: "text/plain", onProgress: ({ loaded }) => progress.push(loaded) });
  assert.deepEqual([file.name, file.size, file.contentType, progress.at(-1)], ["Grüße.txt", bytes.length, "text/plain", bytes.length]);
  assert.deepEqual(await bob.files.get(file.id), file);
  assert.deepEqual(new Uint8Array(await (await bob.files.content(file.id)).arrayBuffer()), bytes);
  assert.equal(await (await bob.files.content(file.id, { offset: bytes.length - 5 })).text(), "line\n");
  assert.equal((await ada.files.upload(bytes, { name: "x.png", type: "image/png" })).contentType, "application/octet-stream");
  await assert.rejects(ada.files.upload(bytes, { name: "x", type: "multipart/form-data" }), { status: 415, type: ProblemTypes.unsupportedMediaType });
  await assert.rejects(ada.files.thumbnail(file.id), { status: 404, type: ProblemTypes.thumbnailNotFound });
  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
  const picture = await ada.files.upload(pixel, { name: "pixel.png", type: "image/png" });
  assert.deepEqual(picture.picture, { width: 1, height: 1, animated: false });
  const thumbnail = await bob.files.thumbnail(picture.id);
  assert.equal(thumbnail.headers.get("Content-Type"), "image/webp");
  assert.equal(new TextDecoder().decode((await thumbnail.arrayBuffer()).slice(8, 12)), "WEBP");
  const message = await ada.messages.post("general", { attachments: [file.id] });
  assert.deepEqual(message.attachments, [file.id]);
  await assert.rejects(bob.files.remove(file.id), { status: 403 });
  await ada.files.remove(file.id);
  await assert.rejects(bob.files.content(file.id), { status: 404, type: ProblemTypes.fileNotFound });
});

for (const order of /** @type {const} */ (["server", "client"])) {
  test(`200 messages while the line breaks five times (order ${order}): once and in order`, async () => {
    const { ada, bob } = await tenantOfTwo();
    await ada.messages.post("general", { text: "before" });
    const live = await bob.connect({ reconnectMin: 50, reconnectMax: 200, buffer: 64 });
    assert.match(String(live.state.node), /./);
    const room = await live.subscribe("general", { after: 0, order });
    let breaks = 0;
    const posting = (async () => {
      for (let i = 2; i <= 200; i += 4) {
        await Promise.all([0, 1, 2, 3].map((k) => (i + k <= 200 ? ada.messages.post("general", { text: `text ${i + k}` }) : undefined)));
        if (i % 40 === 2) {
          breaks++;
          await reaches(live, "open");
          sockets.at(-1)?.destroy();
          await reaches(live, "waiting");
        }
      }
    })();
    /** @type {number[]} */
    const seqs = [];
    const texts = new Set();
    for await (const { seq, text } of room.messages) {
      seqs.push(seq);
      texts.add(text);
      if (seq === 200) {
        break;
      }
    }

    await posting;
    assert.deepEqual(seqs, Array.from({ length: 200 }, (_, i) => i + 1));
    assert.equal(texts.size, 200);
    assert.equal(breaks, 5);
    assert.ok(room.stats.resumed >= 1 && room.stats.resumed <= 5, JSON.stringify(room.stats));
    await live.close();
    assert.equal(live.state.state, "closed");
  });
}

test("signals reach whom they are for, system events everybody, and a member that is removed loses the stream", async () => {
  const { ada, bob } = await tenantOfTwo();
  const [adas, bobs] = await Promise.all([ada.connect(), bob.connect()]);
  const [adasRoom, bobsRoom] = await Promise.all([adas.subscribe("general"), bobs.subscribe("general")]);
  await assert.rejects(adas.subscribe("no-such-room"), { code: "not-a-member" });
  await assert.rejects(adas.signal("elsewhere", 1), { code: "not-subscribed" });
  await adas.signal("general", { typing: true });
  await bobs.signal("general", { sdp: "offer" }, { to: ada.user?.id });
  const signal = await nextOf(bobsRoom.signals);
  assert.deepEqual([signal.sender, signal.data, signal.to], [ada.user?.id, { typing: true }, undefined]);
  assert.deepEqual((await nextOf(adasRoom.signals)).data, { sdp: "offer" });
  const eve = newClient();
  await eve.register(/** @type {string} */ (ada.tenant), { username: "eve", password });
  await eve.rooms.join("general");
  const joined = await nextOf(bobsRoom.systemEvents);
  assert.deepEqual([joined.event, joined.user], ["member.joined", eve.user?.id]);
  const ended = once(bobsRoom, "ended");
  await ada.rooms.remove("general", /** @type {any} */ (bob.user).id);
  assert.equal((await ended)[0].detail.reason, "removed");
  await assert.rejects(nextOf(bobsRoom.messages), { code: "not-a-member" });
  await Promise.all([adas.close(), bobs.close()]);
});

test("a session that is ended elsewhere closes the live connection and signs the client out", async () => {
  const { tenant, bob } = await tenantOfTwo();
  const live = await bob.connect();
  const signedOut = once(bob, "signedout");
  const other = newClient();
  await other.login({ tenant, username: "bob", password });
  await other.account.revokeOtherSessions();
  assert.equal((await signedOut)[0].detail.reason, "session-ended");
  await reaches(live, "closed");
  assert.equal(live.state.code, 4503);
});

test("Node's own WebSocket does as well", { skip: typeof globalThis.WebSocket === "function" ? false : "this Node has none" }, async () => {
  const { tenant, ada, bob } = await tenantOfTwo({ WebSocket: undefined });
  const live = await bob.connect();
  const room = await live.subscribe("general", { after: 0 });
  await ada.messages.post("general", { text: "hello" });
  const { text, delivery } = await nextOf(room.messages);
  assert.deepEqual([text, delivery.source], ["hello", "live"]);
  await live.close();
  const again = await bob.connect();
  const other = newClient();
  await other.login({ tenant, username: "bob", password });
  await other.account.revokeOtherSessions();
  await reaches(again, "closed");
  assert.equal(again.state.code, 4503);
});

test("a fresh token goes out on the open socket, and the server takes it", async () => {
  // A clock that can be moved on: long timers wait until it is.
  let moved = 0;
  /** @type {Set<() => void>} */
  const long = new Set();
  const clock = {
    now: () => Date.now() + moved,
    setTimeout: (/** @type {() => void} */ callback, /** @type {number} */ milliseconds) => {
      if (milliseconds < 60_000) {
        return setTimeout(callback, milliseconds);
      }

      long.add(callback);
      return callback;
    },
    clearTimeout: (/** @type {any} */ timer) => (typeof timer === "function" ? long.delete(timer) : clearTimeout(timer)),
  };
  const { bob } = await tenantOfTwo({ clock });
  const before = bob.tokens?.accessToken;
  const live = await bob.connect();
  const room = await live.subscribe("general");
  const renewed = once(bob, "tokens");
  moved = 9.5 * 60_000;
  for (const callback of [...long]) {
    long.delete(callback);
    callback();
  }

  await renewed;
  assert.notEqual(bob.tokens?.accessToken, before);
  await bob.messages.post("general", { text: "still here" });
  assert.equal((await nextOf(room.messages)).text, "still here");
  await live.signal("general", "still heard");
  assert.equal(live.state.state, "open");
  await live.close();
});
