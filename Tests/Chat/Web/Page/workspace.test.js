// @ts-check

import "./sdk.js";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { Workspace } = await import("../../../../Chat/Web/Page/model/workspace.js");

Object.assign(globalThis, { document: new EventTarget(), sessionStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined } });

const me = { id: "me", username: "me", displayName: "Me" };

/** A connection as the page uses one: it takes so many subscriptions, and says nothing by itself. */
class FakeLive extends EventTarget {
  state = { state: "open", attempt: 0 };
  /** @type {Map<string, EventTarget>} */
  subscriptions = new Map();
  most = 0;

  async subscribe(/** @type {string} */ room, /** @type {object} */ { after }) {
    assert.ok(!this.subscriptions.has(room));
    const subscription = Object.assign(new EventTarget(), { after, unsubscribe: async () => void this.subscriptions.delete(room) });
    this.subscriptions.set(room, subscription);
    this.most = Math.max(this.most, this.subscriptions.size);
    return subscription;
  }

  async signal() {}
  async close() {}
}

/** A client of somebody who is in so many rooms. */
class FakeClient {
  user = me;
  tenant = "acme";
  live = new FakeLive();
  /** @type {Map<string, any>} */
  stored = new Map();
  lists = 0;

  /** @param {number} rooms */
  constructor(rooms) {
    for (let i = 0; i < rooms; i++) {
      const id = `r${String(i).padStart(4, "0")}`;
      this.stored.set(id, { id, name: `Room ${i}`, visibility: "public", lastSeq: 5, readSeq: 5, members: 2, role: "member", createdAt: new Date(2026, 0, 1, 0, 0, rooms - i).toISOString() });
    }
  }

  open() {
    return this.live;
  }

  account = { me: async () => ({ tenant: { id: "acme", name: "Acme", openRegistration: false } }) };

  rooms = {
    list: async (/** @type {{ after?: string, limit?: number }} */ { after = "", limit = 100 }) => {
      this.lists++;
      const items = [...this.stored.values()].filter((room) => room.id > after);
      return { items: items.slice(0, limit).map((room) => ({ ...room })), next: items.length > limit ? items[limit - 1].id : undefined };
    },
    members: async () => ({ items: [] }),
    markRead: async () => undefined,
  };

  messages = {
    list: async (/** @type {string} */ room) => {
      const { lastSeq } = this.stored.get(room);
      return { lastSeq, messages: [{ room, seq: lastSeq, id: `${room}-${lastSeq}`, sender: "you", text: `text ${lastSeq}`, attachments: [], sentAt: new Date(2026, 1, lastSeq).toISOString() }] };
    },
  };

  files = {};

  /** @param {string} room */
  post(room) {
    this.stored.get(room).lastSeq++;
  }
}

beforeEach(() => mock.timers.reset());

/**
 * @param {import("node:test").TestContext} context
 * @param {number} rooms
 */
async function start(context, rooms) {
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const client = new FakeClient(rooms);
  const workspace = new Workspace(/** @type {any} */ (client), new EventTarget());
  context.after(() => workspace.close());
  await workspace.start();
  await settled();
  return { client, workspace };
}

/** Everything that does not wait for a clock has happened. */
async function settled() {
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("every room becomes unread within a minute, however many there are", async (context) => {
  const { client, workspace } = await start(context, 450);
  assert.equal(workspace.rooms.length, 450);
  assert.equal(client.live.subscriptions.size, 180);
  const beyond = workspace.rooms.filter((room) => !room.subscription);
  assert.equal(beyond.length, 270);
  beyond.forEach((room) => client.post(room.id));
  assert.equal(workspace.unread, 0);

  mock.timers.tick(60_000);
  await settled();

  assert.ok(beyond.every((room) => room.unread === 1), String(beyond.filter((room) => room.unread !== 1).length));
  assert.equal(workspace.unread, 270);
  assert.ok(beyond.every((room) => room.last?.seq === 6), "Each shows what was said last.");
  assert.equal(workspace.rooms[0].unread, 1, "What has news goes first.");
});

test("a room with a live stream believes the stream, which brings each message in order", async (context) => {
  const { client, workspace } = await start(context, 3);
  client.post("r0001");
  mock.timers.tick(60_000);
  await settled();
  assert.equal(workspace.room("r0001")?.unread, 0);
});

test("a room that is opened is live, though all streams are taken: the one that is silent for longest makes space", async (context) => {
  const { client, workspace } = await start(context, 300);
  for (const room of workspace.rooms.slice(-60).reverse()) {
    workspace.open(room.id);
    await settled();
    assert.ok(room.subscription, room.name);
  }

  assert.ok(client.live.most <= 200, String(client.live.most));
  const silent = workspace.rooms.find((room) => !room.subscription && room.timeline.isLoaded);
  assert.ok(silent);
  client.post(silent.id);
  mock.timers.tick(60_000);
  await settled();
  assert.equal(silent.unread, 1);
});
