// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient, ChatError, ProblemTypes } from "../realtime.js";
import { settle } from "./support/fake-clock.js";
import { answer, FakeServer, problem } from "./support/fake-server.js";

const posts = (/** @type {FakeServer} */ server) => server.callsOf("POST", "/v1/rooms/r/messages");

/**
 * Moves the clock until the call has an outcome.
 * @template T
 * @param {FakeServer} server
 * @param {Promise<T>} call
 */
async function outcomeOf(server, call) {
  /** @type {{ value?: T, error?: any } | null} */
  let outcome = null;
  call.then((value) => (outcome = { value }), (error) => (outcome = { error }));
  for (let second = 0; !outcome && second < 600; second++) {
    await server.clock.advance(1_000);
  }

  assert.ok(outcome, "no outcome within ten minutes");
  return /** @type {{ value?: T, error?: any }} */ (outcome);
}

test("a failure is a ChatError with what the service said", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("POST", "/v1/rooms", () =>
    problem(409, "room-exists", { detail: "Taken.", path: "$.id", traceId: "t" }));
  await assert.rejects(client.rooms.create({ name: "R", id: "r" }), (error) => {
    assert.ok(error instanceof ChatError && error instanceof Error);
    assert.deepEqual(
      [error.status, error.type, error.message, error.detail, error.path, error.traceId, error.retryAfter, error.isTransient],
      [409, ProblemTypes.roomExists, "Taken.", "Taken.", "$.id", "t", undefined, false],
    );
    return true;
  });
});

test("an answer that is none of ours is a ChatError with its status", async () => {
  for (const body of ["<html>", "", "null", "[]", '{"type":7,"detail":{}}', "x".repeat(20_000)]) {
    const server = new FakeServer();
    const client = await server.signIn();
    server.on("POST", "/v1/rooms", () => answer(418, body));
    await assert.rejects(client.rooms.create({ name: "R" }), { name: "ChatError", status: 418, type: "about:blank", detail: undefined });
  }
});

test("a post has an id before it is sent, and is sent again with it until an answer comes", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  let failures = 2;
  server.on("POST", "/v1/rooms/r/messages", () => {
    if (failures-- > 0) {
      throw new TypeError("network");
    }

    return undefined;
  });
  const { value } = await outcomeOf(server, client.messages.post("r", { text: "hello" }));
  const ids = posts(server).map(({ body }) => body.id);
  assert.equal(ids.length, 3);
  assert.match(ids[0], /^[0-9a-f]{32}$/);
  assert.deepEqual(new Set(ids).size, 1);
  assert.deepEqual([value?.id, value?.attachments], [ids[0], []]);
  assert.equal((await client.messages.post("r", { id: "mine", text: "x" })).id, "mine");
});

test("repetitions are bounded, and the last failure is told", async () => {
  const server = new FakeServer();
  const client = await server.signIn({ retries: 2 });
  server.on("POST", "/v1/rooms/r/messages", () => {
    throw new TypeError("network");
  });
  const { error } = await outcomeOf(server, client.messages.post("r", { text: "hello" }));
  assert.equal(posts(server).length, 3);
  assert.deepEqual([error.name, error.status, error.isTransient, error.cause.message], ["ChatError", 0, true, "network"]);
});

test("Retry-After is honoured, from the header or from the body", async () => {
  for (const [body, headers] of /** @type {const} */ ([[{}, { "Retry-After": "3" }], [{ retryAfter: 3 }, {}]])) {
    const server = new FakeServer();
    const client = await server.signIn();
    let refuse = true;
    server.on("POST", "/v1/rooms/r/messages", () => (refuse ? problem(429, "too-many-requests", body, headers) : undefined));
    const posting = client.messages.post("r", { text: "x" });
    await server.clock.advance(3_000);
    assert.equal(posts(server).length, 1);
    refuse = false;
    await server.clock.advance(125);
    assert.equal((await posting).seq, 1);
  }
});

test("a wait that is too long is the caller's decision", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("POST", "/v1/rooms/r/messages", () => problem(503, "overloaded", { retryAfter: 21 }));
  await assert.rejects(client.messages.post("r", { text: "x" }), { status: 503, retryAfter: 21 });
  assert.equal(posts(server).length, 1);
});

test("what may not be repeated is not: sign-ins, new rooms, changes of password; and nothing after a refusal", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  const lost = () => {
    throw new TypeError("network");
  };
  for (const [method, path, call] of /** @type {[string, string, () => Promise<any>][]} */ ([
    ["POST", "/v1/login", () => client.login({ tenant: "a", username: "b", password: "c" })],
    ["POST", "/v1/tenants", () => client.signUp({ tenant: "a", name: "A", admin: { username: "b", password: "c" } })],
    ["POST", "/v1/tenants/a/users", () => client.register("a", { username: "b", password: "c" })],
    ["POST", "/v1/rooms", () => client.rooms.create({ name: "R" })],
    ["PUT", "/v1/me/password", () => client.account.changePassword({ currentPassword: "a", newPassword: "b" })],
    ["POST", "/v1/me/remove", () => client.account.removeMe("a")],
    ["POST", "/v1/files", () => client.files.upload("x")],
  ])) {
    server.on(method, path, lost);
    const before = server.callsOf(method, path).length;
    await assert.rejects(call(), { status: 0 });
    assert.equal(server.callsOf(method, path).length, before + 1, path);
  }

  for (const status of [400, 403, 404, 409, 413, 500, 501]) {
    server.on("POST", "/v1/rooms/r/messages", () => answer(status));
    const before = posts(server).length;
    await assert.rejects(client.messages.post("r", { text: "x" }), { status });
    assert.equal(posts(server).length, before + 1, String(status));
  }
});

test("a call that is not answered ends, and counts as lost", async () => {
  const server = new FakeServer();
  const client = await server.signIn({ retries: 1 });
  server.on("GET", "/v1/rooms", server.hang());
  const listing = client.rooms.list();
  const refused = assert.rejects(listing, { status: 0, message: /30000 ms/ });
  await server.clock.advance(30_000 + 125 + 30_000);
  await refused;
  assert.equal(server.callsOf("GET", "/v1/rooms").length, 2);
  assert.equal(server.clock.pending, 0);
});

test("the caller's signal ends a call, and a wait before its repetition", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("GET", "/v1/rooms", server.hang());
  const stop = new AbortController();
  const hanging = client.rooms.list({ signal: stop.signal });
  await settle();
  stop.abort(new Error("enough"));
  await assert.rejects(hanging, /enough/);
  await assert.rejects(client.rooms.list({ signal: stop.signal }), /enough/);

  server.on("GET", "/v1/rooms", () => problem(503, "overloaded", { retryAfter: 10 }));
  const other = new AbortController();
  const waiting = client.rooms.list({ signal: other.signal });
  await settle();
  other.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  assert.equal(server.clock.pending, 0);
});

test("a token that is refused is renewed, once, and the call made again", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("GET", "/v1/rooms", ({ token }) => (token === "access2" ? answer(200, { items: [] }) : problem(401, "unauthenticated")));
  assert.deepEqual(await client.rooms.list(), { items: [] });
  server.on("GET", "/v1/rooms", () => problem(401, "unauthenticated", { detail: "no" }));
  await assert.rejects(client.rooms.list(), { status: 401, detail: "no" });
  assert.equal(server.callsOf("POST", "/v1/refresh").length, 2);
});

test("a wrong password is one attempt and does not cost the session", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("PUT", "/v1/me/password", () => problem(401, "bad-credentials"));
  await assert.rejects(client.account.changePassword({ currentPassword: "a", newPassword: "b" }), { type: ProblemTypes.badCredentials });
  assert.equal(server.callsOf("PUT", "/v1/me/password").length, 1);
  assert.equal(server.callsOf("POST", "/v1/refresh").length, 0);
});

test("without a user every call says so and none is made", async () => {
  const server = new FakeServer();
  const client = new ChatClient(server.options());
  await assert.rejects(client.rooms.list(), { status: 401, type: ProblemTypes.unauthenticated });
  assert.equal(server.calls.length, 0);
  await client.logout();
});

test("paths are escaped, and pages asked for as given", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  server.on("GET", "/v1/rooms/a%2F..%2Fb/members", () => answer(200, { items: [] }));
  await client.rooms.members("a/../b", { after: "x&y", limit: 5 });
  assert.equal(server.calls.at(-1)?.url.href, "http://chat.test/v1/rooms/a%2F..%2Fb/members?after=x%26y&limit=5");
  for (const id of ["..", ".", "", "\ud83d"]) {
    await assert.rejects(client.rooms.get(id), TypeError);
    await assert.rejects(client.files.content(id), TypeError);
  }

  await assert.rejects(client.rooms.list({ after: "\ud83d" }), URIError);
});

test("every call goes to its service, by its method and with its body", async () => {
  const server = new FakeServer();
  const client = await server.signIn();
  /** @type {[string, () => Promise<any>, any?][]} */
  const calls = [
    ["GET http://chat.test/v1/rooms", () => client.rooms.list()],
    ["GET http://chat.test/v1/rooms/public?limit=3", () => client.rooms.listPublic({ limit: 3 })],
    ["GET http://chat.test/v1/rooms/r", () => client.rooms.get("r")],
    ["POST http://chat.test/v1/rooms", () => client.rooms.create({ name: "R", visibility: "public" }), { name: "R", visibility: "public" }],
    ["POST http://chat.test/v1/rooms/r/join", () => client.rooms.join("r")],
    ["POST http://chat.test/v1/rooms/r/leave", () => client.rooms.leave("r")],
    ["PUT http://chat.test/v1/rooms/r/members/bob", () => client.rooms.setRole("r", "bob", "moderator"), { role: "moderator" }],
    ["PUT http://chat.test/v1/rooms/r/members/bob", () => client.rooms.setRole("r", "bob"), {}],
    ["DELETE http://chat.test/v1/rooms/r/members/bob", () => client.rooms.remove("r", "bob")],
    ["PUT http://chat.test/v1/rooms/r/read", () => client.rooms.markRead("r", 7), { seq: 7 }],
    ["GET http://chat.test/v1/unread", () => client.rooms.unread()],
    ["POST http://chat.test/v1/rooms/r/messages", () => client.messages.post("r", { id: "m", attachments: ["f"] }), { text: "", id: "m", attachments: ["f"] }],
    ["GET http://chat.test/v1/rooms/r/messages/7", () => client.messages.get("r", 7)],
    ["GET http://session.test/v1/me", () => client.account.me()],
    ["GET http://session.test/v1/sessions", () => client.account.sessions()],
    ["DELETE http://session.test/v1/sessions/s", () => client.account.revokeSession("s")],
    ["DELETE http://session.test/v1/sessions", () => client.account.revokeOtherSessions()],
    ["PUT http://session.test/v1/me/password", () => client.account.changePassword({ currentPassword: "a", newPassword: "b" }), { currentPassword: "a", newPassword: "b" }],
    ["PUT http://session.test/v1/me", () => client.account.changeName("Ada"), { displayName: "Ada" }],
    ["GET http://session.test/v1/users?prefix=an&deactivated=true&after=x&limit=5", () => client.account.users({ prefix: "an", deactivated: true, after: "x", limit: 5 })],
    ["GET http://session.test/v1/users/bob", () => client.account.user("bob")],
    ["PUT http://session.test/v1/users/bob/password", () => client.account.resetPassword("bob", "b"), { newPassword: "b" }],
    ["PUT http://session.test/v1/users/bob/active", () => client.account.setUserActive("bob", false), { active: false }],
    ["PUT http://session.test/v1/users/bob/role", () => client.account.setUserRole("bob", "admin"), { role: "admin" }],
    ["DELETE http://session.test/v1/users/bob", () => client.account.removeUser("bob")],
    ["GET http://fileman.test/v1/files/f", () => client.files.get("f")],
    ["GET http://fileman.test/v1/files", () => client.files.list()],
    ["DELETE http://fileman.test/v1/files/f", () => client.files.remove("f")],
  ];
  for (const [expected, call, body] of calls) {
    const [method, url] = expected.split(" ");
    server.on(method, new URL(url).pathname, () => answer(200, {}));
    await call();
    const made = /** @type {any} */ (server.calls.at(-1));
    assert.equal(`${made.method} ${made.url}`, expected);
    assert.deepEqual(made.body, body);
    assert.equal(made.token, "access1");
  }

  server.store("r", 3);
  server.on("GET", "/v1/rooms/r/messages", ({ url }) => answer(200, { messages: server.history.get("r"), lastSeq: 3, query: url.search }));
  const page = await client.messages.list("r", { before: 4, limit: 3 });
  assert.equal(server.calls.at(-1)?.url.search, "?before=4&limit=3");
  assert.deepEqual(page.messages.map(({ seq, attachments }) => [seq, attachments]), [[1, []], [2, []], [3, []]]);
});

test("options that are missing are named", () => {
  assert.throws(() => new ChatClient(/** @type {any} */ ({ session: "", chat: "", fileman: "" })), /'realtime'/);
});
