// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient, ProblemTypes } from "../realtime.js";
import { settle } from "./support/fake-clock.js";
import { answer, FakeServer, problem, user } from "./support/fake-server.js";
import { FakeLocks, openTab, SessionServer, SharedStorage } from "./support/tabs.js";

const refreshes = (/** @type {FakeServer} */ server) => server.callsOf("POST", "/v1/refresh").map(({ body }) => body.refreshToken);

const otherUser = { ...user, id: "v", username: "bob" };

/** @param {FakeServer} server */
async function signedIn(server) {
  const client = await server.signIn();
  server.on("GET", "/v1/rooms", () => answer(200, { items: [] }));
  /** @type {any[]} */
  const events = [];
  client.addEventListener("tokens", (event) => events.push(event.detail.refreshToken));
  client.addEventListener("signedout", (event) => events.push(event.detail.reason));
  return { client, events };
}

test("signing in says who is signed in", async () => {
  const server = new FakeServer();
  const { client } = await signedIn(server);
  assert.deepEqual([client.user?.displayName, client.tenant, client.tokens?.refreshToken], ["Ada", "acme", "refresh1"]);
});

test("a token is renewed before its end, once for all that wait, and the new one is told", async () => {
  const server = new FakeServer();
  const { client, events } = await signedIn(server);
  await server.clock.advance(584_999);
  await client.rooms.list();
  assert.deepEqual(refreshes(server), []);
  await server.clock.advance(1_000);
  await Promise.all(Array.from({ length: 20 }, () => client.rooms.list()));
  assert.deepEqual(refreshes(server), ["refresh1"]);
  assert.deepEqual(events, ["refresh2"]);
  assert.equal(server.calls.at(-1)?.token, "access2");
});

test("a token that lives shortly is not renewed for every call", async () => {
  const server = new FakeServer();
  server.expiresIn = 10;
  const { client } = await signedIn(server);
  for (let second = 0; second < 100; second++) {
    await client.rooms.list();
    await server.clock.advance(1_000);
  }

  assert.ok(refreshes(server).length <= 20, `${refreshes(server).length} exchanges`);
});

test("who gives up waiting does not tear the exchange away from the others", async () => {
  const server = new FakeServer();
  const { client } = await signedIn(server);
  /** @type {(response: Response) => void} */
  let respond = () => undefined;
  server.on("POST", "/v1/refresh", () => new Promise((resolve) => (respond = resolve)));
  await server.clock.advance(600_000);
  const stop = new AbortController();
  const first = client.rooms.list({ signal: stop.signal });
  const second = client.rooms.list();
  await settle();
  stop.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  respond(answer(200, server.tokens()));
  await second;
  assert.deepEqual(refreshes(server), ["refresh1"]);
});

test("an exchange whose answer is lost is repeated within the server's grace", async () => {
  const server = new FakeServer();
  const { client } = await signedIn(server);
  await server.clock.advance(590_000);
  const start = server.clock.now();
  /** @type {number[]} */
  const times = [];
  const hang = server.hang();
  server.on("POST", "/v1/refresh", (call, init) => {
    times.push(server.clock.now() - start);
    return hang(call, init);
  });
  const refused = assert.rejects(client.rooms.list(), { status: 0 }, "in the end, as the old token has ended by then");
  await server.clock.advance(60_000);
  await refused;
  assert.deepEqual(refreshes(server), ["refresh1", "refresh1", "refresh1"]);
  assert.ok(times.every((time) => time < 22_000), String(times));
});

test("while session is away the old token serves as long as it lasts", async () => {
  const server = new FakeServer();
  const { client, events } = await signedIn(server);
  server.on("POST", "/v1/refresh", () => problem(503, "overloaded", { retryAfter: 60 }));
  await server.clock.advance(590_000);
  await client.rooms.list();
  assert.equal(server.calls.at(-1)?.token, "access1");
  await server.clock.advance(10_000);
  await assert.rejects(client.rooms.list(), { status: 503, isTransient: true });
  assert.deepEqual(events, []);
  assert.equal(client.user?.id, "u", "nobody is signed out for an outage");
});

test("an answer that is a bug signs nobody out either", async () => {
  const server = new FakeServer();
  const { client, events } = await signedIn(server);
  server.on("POST", "/v1/refresh", () => problem(500, "internal-error"));
  await server.clock.advance(600_000);
  await assert.rejects(client.rooms.list(), { status: 500 });
  assert.deepEqual(events, []);
});

test("a session that has ended signs the user out", async () => {
  for (const type of ["refresh-token-invalid", "refresh-token-reused"]) {
    const server = new FakeServer();
    const { client, events } = await signedIn(server);
    server.on("POST", "/v1/refresh", () => problem(401, type));
    await server.clock.advance(600_000);
    await assert.rejects(client.rooms.list(), { status: 401, type: `urn:problem:${type}` });
    assert.deepEqual(events, ["session-ended"]);
    assert.equal(client.user, null);
    await assert.rejects(client.rooms.list(), { type: ProblemTypes.unauthenticated });
    assert.equal(refreshes(server).length, 1);
  }
});

test("who signs in or out while tokens are exchanged is newer than their answer", async () => {
  for (const next of ["in", "out"]) {
    const server = new FakeServer();
    const { client } = await signedIn(server);
    /** @type {(response: Response) => void} */
    let respond = () => undefined;
    server.on("POST", "/v1/refresh", () => new Promise((resolve) => (respond = resolve)));
    await server.clock.advance(590_000);
    const listing = client.rooms.list();
    await settle();
    if (next === "in") {
      server.on("POST", "/v1/login", () => answer(200, { ...server.tokens(), accessToken: "bobs", user: otherUser }));
      await client.login({ tenant: "acme", username: "bob", password: "x" });
    } else {
      const leaving = client.logout();
      respond(answer(200, server.tokens()));
      await leaving;
    }

    respond(answer(200, server.tokens()));
    await listing.catch((error) => assert.equal(error.type, ProblemTypes.unauthenticated));
    assert.equal(client.user?.id ?? null, next === "in" ? "v" : null);
  }
});

test("signing out tells the server, and closes the live connections", async () => {
  const server = new FakeServer();
  const { client, connection } = await server.connect();
  /** @type {string[]} */
  const reasons = [];
  client.addEventListener("signedout", (event) => reasons.push(event.detail.reason));
  await client.logout();
  await settle();
  assert.equal(server.callsOf("POST", "/v1/logout")[0].token, "access1");
  assert.deepEqual(reasons, ["logout"]);
  assert.equal(connection.state.state, "closed");
});

test("a connection that the server closes before it answers the sign-out is part of that, not a session that has ended", async () => {
  for (const leave of /** @type {const} */ (["logout", "removeMe"])) {
    const server = new FakeServer();
    const { storage, events } = new SharedStorage().tab();
    const { client, socket } = await server.connect({}, { storage, events });
    /** @type {string[]} */
    const reasons = [];
    client.addEventListener("signedout", (event) => reasons.push(event.detail.reason));
    /** @type {(response: Response) => void} */
    let respond = () => undefined;
    server.on("POST", leave === "logout" ? "/v1/logout" : "/v1/me/remove", () => new Promise((resolve) => (respond = resolve)));
    const leaving = leave === "logout" ? client.logout() : client.account.removeMe("x");
    await settle();
    socket.end(4503, "revoked");
    await settle();
    respond(answer(204));
    await leaving;
    assert.deepEqual(reasons, ["logout"]);
    assert.equal(storage.getItem("realtime-chat.session"), null);
  }
});

test("a refresh token that was kept goes on with the session", async () => {
  const server = new FakeServer();
  const client = new ChatClient(server.options());
  assert.equal(await client.resume(), null);
  assert.equal((await client.resume("kept"))?.accessToken, "access1");
  assert.deepEqual(refreshes(server), ["kept"]);
  server.on("POST", "/v1/refresh", () => problem(401, "refresh-token-invalid"));
  await assert.rejects(new ChatClient(server.options()).resume("old"), { status: 401, isTransient: false });
});

test("a reload goes on with what the storage holds, without an exchange while the token is good", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage();
  const first = openTab(server, shared, new FakeLocks());
  await first.client.login({ tenant: "acme", username: "ada", password: "x" });
  const reloaded = openTab(server, shared, new FakeLocks());
  assert.equal((await reloaded.client.resume())?.user.id, "u");
  assert.equal(server.exchanges, 0);
  await server.clock.advance(600_000);
  const later = openTab(server, shared, new FakeLocks());
  assert.equal((await later.client.resume())?.refreshToken, "refresh2");
  assert.equal(server.exchanges, 1);
});

test("what stands in the storage and is none of ours is as good as nothing", async () => {
  for (const text of ["", "{", "null", "[]", "7", '{"response":{}}', '{"expiresAt":1,"version":1,"response":{"accessToken":"a"}}', '{"expiresAt":1,"response":{"accessToken":"a","refreshToken":"r","user":{"id":"u"}}}']) {
    const server = new FakeServer();
    const { storage, events } = new SharedStorage().tab();
    storage.setItem("realtime-chat.session", text);
    assert.equal(await new ChatClient(server.options({ storage, events })).resume(), null, text);
  }
});

test("a storage that is full costs the tab nothing but the sharing, and says so", async () => {
  const server = new FakeServer();
  const { storage, events } = new SharedStorage().tab();
  const full = { ...storage, setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
  const client = new ChatClient(server.options({ storage: full, events, locks: null }));
  await assert.rejects(client.login({ tenant: "acme", username: "ada", password: "x" }), { type: ProblemTypes.storageUnavailable, isTransient: false, message: /could not be stored/ });
  assert.equal(client.user?.id, "u");

  // Also when the token is renewed, and when another page of the origin clears the storage.
  events.dispatchEvent(Object.assign(new Event("storage"), { key: null }));
  await server.clock.advance(590_000);
  await client.account.me();
  assert.equal(client.tokens?.accessToken, "access2");
  assert.equal(client.user?.id, "u");
});

for (const [kind, newLocks] of /** @type {[string, () => any][]} */ ([["Web Locks", () => new FakeLocks()], ["a lease in the storage", () => null]])) {
  test(`tabs with ${kind}: one exchange for all, and the session lives`, async () => {
    const server = new SessionServer();
    server.exchangeTime = 300;
    const shared = new SharedStorage();
    const locks = newLocks();
    const tabs = Array.from({ length: 4 }, () => openTab(server, shared, locks));
    await tabs[0].client.login({ tenant: "acme", username: "ada", password: "x" });
    await settle();
    await Promise.all(tabs.map(({ client }) => client.resume()));
    for (let round = 1; round <= 10; round++) {
      await server.clock.advance(590_000);
      const calls = Promise.all(tabs.flatMap(({ client }) => [client.rooms.list(), client.rooms.list()]));
      await server.clock.advance(5_000);
      await calls;
      assert.equal(server.exchanges, round);
    }

    assert.equal(server.isRevoked, false);
    assert.deepEqual(tabs.flatMap(({ ends }) => ends), []);
    assert.equal(new Set(tabs.map(({ client }) => client.tokens?.accessToken)).size, 1);
  });
}

test("tabs whose views of the storage lag behind: whoever enters waits until it sees what is there", async () => {
  for (const lag of [1, 50, 1_000, 4_000]) {
    const server = new SessionServer();
    const shared = new SharedStorage((callback) => server.clock.setTimeout(callback, lag));
    const locks = new FakeLocks();
    const tabs = Array.from({ length: 3 }, () => openTab(server, shared, locks));
    await tabs[0].client.login({ tenant: "acme", username: "ada", password: "x" });
    await server.clock.advance(lag);
    await Promise.all(tabs.map(({ client }) => client.resume()));
    for (let round = 1; round <= 10; round++) {
      await server.clock.advance(590_000);
      const calls = Promise.all(tabs.map(({ client }) => client.rooms.list()));
      await server.clock.advance(9_000);
      await calls;
      assert.equal(server.exchanges, round, `lag ${lag}`);
    }

    assert.deepEqual(tabs.flatMap(({ ends }) => ends), []);
  }
});

test("news that come late do not bring an old token back", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage();
  const { client } = openTab(server, shared, new FakeLocks());
  await client.login({ tenant: "acme", username: "ada", password: "x" });
  await settle();
  const other = shared.tab().storage;
  const old = /** @type {string} */ (other.getItem("realtime-chat.session"));
  await server.clock.advance(590_000);
  await client.rooms.list();
  await settle();
  other.setItem("realtime-chat.session", old);
  await settle();
  assert.equal(client.tokens?.refreshToken, "refresh2");
  await server.clock.advance(590_000);
  const listing = client.rooms.list();
  await server.clock.advance(6_000);
  await listing;
  assert.deepEqual([server.exchanges, server.isRevoked], [2, false]);
});

test("a view of the storage that never shows what is there holds nobody up for ever", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage(() => undefined);
  const locks = new FakeLocks();
  const first = openTab(server, shared, locks);
  await first.client.login({ tenant: "acme", username: "ada", password: "x" });
  const second = openTab(server, shared, locks);
  await second.client.resume();
  await server.clock.advance(590_000);
  await first.client.rooms.list();
  const listing = second.client.rooms.list();
  await server.clock.advance(4_000);
  assert.equal(server.exchanges, 1);
  await server.clock.advance(1_100);
  await listing;
  assert.equal(server.exchanges, 2, "the server's grace has to do");
});

test("without sharing the same tabs burn each other: what the lock is for", async () => {
  const server = new SessionServer();
  const alone = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const first = new ChatClient(server.options({ storage: alone, locks: null }));
  const { refreshToken } = /** @type {any} */ (await first.login({ tenant: "acme", username: "ada", password: "x" }));
  const second = new ChatClient(server.options());
  await second.resume(refreshToken);
  await server.clock.advance(590_000);
  await assert.rejects(new ChatClient(server.options()).resume(refreshToken), { type: ProblemTypes.refreshTokenReused });
  assert.ok(server.isRevoked);
});

test("a tab that died with the lease does not keep the others out for ever", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage();
  const { client } = openTab(server, shared, null);
  await client.login({ tenant: "acme", username: "ada", password: "x" });
  await server.clock.advance(590_000);
  shared.tab().storage.setItem("realtime-chat.session.lease", `dead ${server.clock.now() + 40_000}`);
  await settle();
  const listing = client.rooms.list();
  await server.clock.advance(39_000);
  assert.equal(server.exchanges, 0);
  await server.clock.advance(2_000);
  await listing;
  assert.equal(server.exchanges, 1);
});

test("a tab that holds the lock and never ends makes the others fail in bounded time, as an outage", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage();
  const locks = new FakeLocks();
  const { client, ends } = openTab(server, shared, locks);
  await client.login({ tenant: "acme", username: "ada", password: "x" });
  void locks.request("realtime-chat.session", {}, () => new Promise(() => undefined));
  await server.clock.advance(600_000);
  const refused = assert.rejects(client.rooms.list(), { name: "ChatError", isTransient: true, message: /Another tab/ });
  await server.clock.advance(60_000);
  await refused;
  assert.deepEqual(ends, []);
});

test("signing out in one tab signs out all; signing in as somebody else replaces", async () => {
  const server = new FakeServer();
  const shared = new SharedStorage();
  const locks = new FakeLocks();
  const [one, two, three] = [openTab(server, shared, locks), openTab(server, shared, locks), openTab(server, shared, locks)];
  await one.client.login({ tenant: "acme", username: "ada", password: "x" });
  await settle();
  await two.client.resume();
  await three.client.resume();
  await three.client.close(); // Hears no more, but looks before it exchanges.
  await one.client.logout();
  await settle();
  assert.deepEqual([one.ends, two.ends, two.client.user], [["logout"], ["other-tab"], null]);
  await server.clock.advance(600_000);
  await assert.rejects(three.client.rooms.list(), { status: 401 });
  assert.deepEqual(three.ends, ["other-tab"]);
  assert.deepEqual(refreshes(server), []);

  await one.client.login({ tenant: "acme", username: "ada", password: "x" });
  await settle();
  await two.client.resume();
  server.on("POST", "/v1/login", () => answer(200, { ...server.tokens(), user: otherUser }));
  await one.client.login({ tenant: "acme", username: "bob", password: "x" });
  await settle();
  assert.deepEqual([one.ends, two.ends], [["logout", "replaced"], ["other-tab", "replaced"]]);
  assert.deepEqual([one.client.user?.id, two.client.user], ["v", null]);
});

test("a session that has ended says so in every tab, and is no hindrance to the next", async () => {
  const server = new SessionServer();
  const shared = new SharedStorage();
  const locks = new FakeLocks();
  const [one, two] = [openTab(server, shared, locks), openTab(server, shared, locks)];
  await one.client.login({ tenant: "acme", username: "ada", password: "x" });
  await settle();
  await two.client.resume();
  server.isRevoked = true;
  await server.clock.advance(600_000);
  await assert.rejects(one.client.rooms.list(), { status: 401 });
  await settle();
  assert.deepEqual([one.ends, two.ends], [["session-ended"], ["session-ended"]]);

  const reloaded = openTab(server, shared, locks);
  assert.equal(await reloaded.client.resume(), null);
  server.isRevoked = false;
  await reloaded.client.login({ tenant: "acme", username: "ada", password: "x" });
  await settle();
  assert.equal((await two.client.resume())?.user.id, "u");
  await reloaded.client.logout();
  await settle();
  assert.deepEqual(two.ends, ["session-ended", "other-tab"]);
});

test("tokens that another tab renewed go out on this tab's open socket", async () => {
  const server = new FakeServer();
  const shared = new SharedStorage();
  const locks = /** @type {any} */ (new FakeLocks());
  const { storage, events } = shared.tab();
  const { connection, socket } = await server.connect({}, { storage, events, locks });
  const other = openTab(server, shared, locks);
  await other.client.resume();
  await server.clock.advance(535_000);
  server.on("GET", "/v1/rooms", ({ token }) => (token === "access1" ? problem(401, "unauthenticated") : answer(200, { items: [] })));
  await other.client.rooms.list();
  await server.clock.advance(5_000);
  assert.equal((await socket.next("auth")).token, "access2");
  assert.deepEqual(refreshes(server), ["refresh1"]);
  await connection.close();
});

test("a device is known again at the next login, also after signing out and a reload, and only for the same user", async () => {
  const server = new FakeServer();
  let issued = 0;
  server.on("POST", "/v1/login", ({ body }) => answer(200, { ...server.tokens(), tenant: body.tenant, device: `device${++issued}` }));
  server.on("POST", "/v1/logout", () => answer(204));
  const sent = () => server.callsOf("POST", "/v1/login").map(({ body }) => body.device);
  const { storage, events } = new SharedStorage().tab();
  const login = { tenant: "acme", username: "ada", password: "correct horse" };
  const first = new ChatClient(server.options({ storage, events, locks: null }));
  await first.login(login);
  await first.logout();
  const second = new ChatClient(server.options({ storage, events, locks: null }));
  await second.login({ ...login, username: "Ada" });
  await second.login({ ...login, username: "bob" });
  await second.login({ ...login, tenant: "other" });
  await second.login(login);
  assert.deepEqual(sent(), [undefined, "device1", undefined, undefined, "device2"]);

  // In memory where there is no storage, or none that can be written.
  const alone = new ChatClient(server.options());
  await alone.login(login);
  await alone.login(login);
  assert.deepEqual(sent().slice(5), [undefined, "device6"]);
});
