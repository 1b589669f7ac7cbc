// @ts-check

/** @import { ChatClient, LiveConnection } from "../sdk/realtime.js" */
/** @import { ConnectionState, Room, TenantInfo, UserInfo } from "../sdk/src/types.js" */

import { Drafts } from "./drafts.js";
import { Files } from "./files.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { RoomModel } from "./room.js";
import { Signals } from "./signals.js";
import { Strangers } from "./strangers.js";

const roomPage = 200;

/** A connection may have 200 subscriptions. A user in more rooms learns of messages in the others from the list, and live once a room is opened. */
const mostLive = 180;

/** Rooms that are opened go beyond that, and from here on take the place of the one that has been silent for longest. */
const mostStreams = 195;
const atOnce = 8;

/** Rooms that others add us to are announced by a signal, which may be lost and which not every client sends, so the list is read again now and then. */
const listEvery = 60_000;

/** However often others say that our list has changed, it is read once in so long. */
const hintPause = 1_000;

/**
 * Everything of the signed-in user that the page shows: rooms, people, what waits to be sent, who is there. One live connection carries all rooms.
 *
 * Events: "rooms" (the list, or something in it), "active", "people", "connection", "notice" (`event.detail` is text), "typing", "presence".
 */
export class Workspace extends EventTarget {
  /** @type {Map<string, RoomModel>} */
  #rooms = new Map();
  #people = new People();
  #strangers;
  /** @type {RoomModel | null} */
  #active = null;
  #listed = false;
  /** @type {any} */
  #timer;
  /** @type {any} */
  #hinted = null;
  #closed = false;
  /** Read positions, shared between the user's tabs in this browser. */
  #tabs;
  #wasOpen = false;
  /** @type {Set<RoomModel>} Rooms whose live stream was requested and has not started. */
  #listening = new Set();

  /**
   * @param {ChatClient} client
   * @param {EventTarget} network Its event "online" makes the connection retry at once.
   */
  constructor(client, network) {
    super();
    this.client = client;
    this.network = network;
    /** @type {UserInfo} */
    this.me = /** @type {UserInfo} */ (client.user);
    /** @type {TenantInfo} */
    this.tenant = { id: client.tenant ?? "", name: client.tenant ?? "", openRegistration: false };
    this.files = new Files(client);
    this.drafts = new Drafts(`${this.tenant.id}.${this.me.id}`);
    this.outbox = new Outbox(client, `${this.tenant.id}.${this.me.id}`);
    this.#people.know(this.me.id, this.me.displayName, this.me.username);
    this.#strangers = new Strangers(client, this.#people, () => this.#tell("people"));
    /** @type {LiveConnection} */
    this.live = client.open();
    this.signals = new Signals(this.live, this.me.id, () => this.#signalled());
    this.live.addEventListener("statechange", () => this.#connectionChanged());
    this.signals.addEventListener("presence", () => this.#tell("presence"));
    this.signals.addEventListener("rooms", () => {
      this.#hinted ??= setTimeout(() => {
        this.#hinted = null;
        this.#readAgain();
      }, hintPause);
    });
    this.signals.addEventListener("typing", (event) => this.#tell("typing", /** @type {CustomEvent} */ (event).detail));
    this.#timer = setInterval(() => this.#readAgain(), listEvery);
    this.outbox.addEventListener("sent", (event) => this.#sent(/** @type {CustomEvent} */ (event).detail));
    this.#tabs = new BroadcastChannel(`chat.read.${this.tenant.id}.${this.me.id}`);
    this.#tabs.addEventListener("message", ({ data }) => {
      if (typeof data?.room === "string" && Number.isSafeInteger(data.seq)) {
        this.#rooms.get(data.room)?.readElsewhere(data.seq);
      }
    });
    this.online = () => this.outbox.kick();
    network.addEventListener("online", this.online);
  }

  /** Rooms, the latest activity first. */
  get rooms() {
    return [...this.#rooms.values()].sort((one, other) => other.activity - one.activity || one.name.localeCompare(other.name));
  }

  get active() {
    return this.#active;
  }

  /** Whether the list of rooms has come. */
  get isListed() {
    return this.#listed;
  }

  get unread() {
    return this.rooms.reduce((sum, room) => sum + room.unread, 0);
  }

  /** @returns {ConnectionState} */
  get connection() {
    return this.live.state;
  }

  /** People whose name is known. */
  get people() {
    return this.#people;
  }

  /** @param {string} id */
  room(id) {
    return this.#rooms.get(id);
  }

  /**
   * Name of a person; if several share it, with what distinguishes them.
   * @param {string} user
   */
  nameOf(user) {
    const handle = this.#people.handleOf(user);
    return `${this.displayNameOf(user)}${handle ? ` (${handle})` : ""}`;
  }

  /** @param {string} user */
  displayNameOf(user) {
    const name = this.#people.displayNameOf(user);
    if (name !== undefined || this.#active?.members.length === 0) {
      return name ?? "…"; // Until the members have come, nobody knows.
    }

    this.#strangers.ask(user);
    return "Former member";
  }

  async start() {
    void this.client.account.me().then(
      ({ tenant }) => {
        this.tenant = tenant;
        this.#tell("rooms");
      },
      () => undefined, // The id is shown instead of the name.
    );
    await this.readRooms();
  }

  /** Reads the list of rooms. Each new one gets a live stream and its last message behind that: the room that is opened first waits for none of the others. */
  async readRooms() {
    /** @type {Room[]} */
    const rooms = [];
    /** @type {string | undefined} */
    let after;
    do {
      const page = await this.client.rooms.list({ after, limit: roomPage });
      rooms.push(...page.items);
      after = page.next;
    } while (after);
    if (this.#closed) {
      return;
    }

    const ids = new Set(rooms.map((room) => room.id));
    for (const id of [...this.#rooms.keys()]) {
      if (!ids.has(id)) {
        this.#forget(id);
      }
    }

    rooms.forEach((room) => this.#take(room));
    this.#listed = true;
    this.#tell("rooms");
    const behind = this.rooms.filter((room) => room.isBehind && !room.subscription && !this.#listening.has(room));
    void inTurns(behind, atOnce, (room) => this.#readLast(room).catch(() => undefined)); // Only the list's second line.
    const silent = this.rooms.filter((room) => !room.subscription && !this.#listening.has(room)).slice(0, Math.max(0, mostLive - this.#liveRooms));
    void inTurns(silent, atOnce, async (room) => {
      await Promise.allSettled([this.#listen(room), this.#readLast(room)]); // What fails is tried again with the next look at the list.
    });
  }

  /**
   * Makes a room the one that is shown.
   * @param {string | null} id
   */
  open(id) {
    const room = id === null ? null : (this.#rooms.get(id) ?? null);
    if (room === this.#active) {
      return;
    }

    if (this.#active) {
      this.#active.newAfter = null;
      this.signals.stopTyping(this.#active.id);
    }

    this.#active = room;
    if (room) {
      room.newAfter = room.unread > 0 ? room.readSeq : null;
      room.readMembers();
      this.signals.ask(room.id);
      void this.#listen(room).catch(() => undefined); // Tried again with the next look at the list.
      if (!room.timeline.isLoaded || (!room.subscription && !room.timeline.isAtEnd)) {
        void room.timeline.loadLatest();
      }
    }

    this.#tell("active");
  }

  /**
   * A room that the user has just created or joined.
   * @param {string} id
   */
  async enter(id) {
    const room = this.#take(await this.client.rooms.get(id));
    this.#tell("rooms");
    this.open(id);
    void this.#readLast(room).catch(() => undefined); // Only the list's second line.
  }

  /**
   * Adds somebody to a room, who sees it there at once where another room is shared.
   * @param {string} id
   * @param {string} user
   */
  async add(id, user) {
    await this.client.rooms.setRole(id, user);
    const shared = this.rooms.find((room) => room.id !== id && room.subscription && room.members.some((member) => member.user === user));
    if (shared) {
      this.signals.hint(shared.id, user);
    }
  }

  /** @param {string} id */
  async leave(id) {
    await this.client.rooms.leave(id);
    this.#forget(id);
    this.#tell("rooms");
  }

  /**
   * Puts a message on its way.
   * @param {string} text
   * @param {string[]} attachments
   */
  send(text, attachments) {
    const room = this.#active;
    if (room) {
      room.newAfter = null;
      this.signals.stopTyping(room.id);
      this.outbox.add(room.id, text, attachments);
    }
  }

  /** Tries to connect now instead of later. */
  hurry() {
    this.network.dispatchEvent(new Event("online"));
  }

  close() {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#hinted);
    this.network.removeEventListener("online", this.online);
    this.signals.close();
    this.outbox.close();
    this.files.close();
    for (const room of this.#rooms.values()) {
      room.close();
    }

    this.#tabs.close();
    void this.live.close();
  }

  /**
   * @param {Room} info
   * @returns {RoomModel}
   */
  #take(info) {
    const known = this.#rooms.get(info.id);
    if (known) {
      known.update(info);
      return known;
    }

    const room = new RoomModel(this.client, this.me.id, info);
    this.#rooms.set(info.id, room);
    room.addEventListener("change", () => this.#tell("rooms"));
    room.addEventListener("read", (event) => {
      if (!this.#closed) {
        this.#tabs.postMessage({ room: room.id, seq: /** @type {CustomEvent} */ (event).detail });
      }
    });
    room.addEventListener("members", () => this.#know(room));
    room.addEventListener("message", (event) => this.#arrived(room, /** @type {CustomEvent} */ (event).detail));
    return room;
  }

  /** @param {RoomModel} room */
  async #readLast(room) {
    await room.readLast();
    if (room.last && !this.#people.has(room.last.sender)) {
      room.readMembers();
    }
  }

  /** @param {RoomModel} room */
  async #listen(room) {
    if (room.subscription || this.#listening.has(room)) {
      return;
    }

    this.#listening.add(room);
    let subscription;
    try {
      await this.#makeSpace();
      subscription = await this.live.subscribe(room.id, { after: room.timeline.head });
    } finally {
      this.#listening.delete(room);
    }

    room.subscription = subscription;
    subscription.addEventListener("message", (/** @type {CustomEvent} */ event) => room.receive(event.detail));
    subscription.addEventListener("signal", (/** @type {CustomEvent} */ event) => this.signals.receive(event.detail));
    subscription.addEventListener("system", (/** @type {CustomEvent} */ event) => this.#happened(room, event.detail));
    subscription.addEventListener("layout", () => room.dispatchEvent(new Event("layout")));
    subscription.addEventListener("ended", (/** @type {CustomEvent} */ event) => {
      room.subscription = null;
      if (event.detail.error?.code === "not-a-member" && this.#rooms.get(room.id) === room) {
        this.#tell("notice", `You are no longer a member of ${room.name}.`);
        this.#forget(room.id);
        this.#tell("rooms");
      }
    });
    this.signals.ask(room.id);
    room.dispatchEvent(new Event("layout")); // Views that read the layout before there was a stream read it again.
  }

  /** Ends the streams that are too many: those of rooms that have been silent for longest. They become unread by the list from then on. */
  async #makeSpace() {
    const silent = this.rooms.filter((room) => room.subscription && room !== this.#active).reverse();
    await Promise.all(silent.slice(0, Math.max(0, this.#liveRooms - mostStreams)).map((room) => room.unlisten()));
  }

  /**
   * @param {RoomModel} room
   * @param {import("../sdk/src/types.js").LiveMessage} message
   */
  #arrived(room, message) {
    this.outbox.seen(message);
    this.signals.posted(room.id, message.sender);
    if (!this.#people.has(message.sender)) {
      room.readMembers();
    }
  }

  /**
   * @param {RoomModel} room
   * @param {import("../sdk/src/types.js").SystemEvent} event
   */
  #happened(room, event) {
    room.happened(event);
    if (event.user && /** @type {any} */ (event.data)?.user === "removed") {
      this.#people.bury(event.user);
      this.#tell("people");
    } else if (event.event === "stream.interrupted") {
      // Presence and typing sent meanwhile were lost.
      room.refresh();
      this.signals.ask(room.id);
    } else if (event.event === "room.updated") {
      void this.client.rooms.get(room.id).then((info) => room.update(info), () => undefined); // The list is read again soon.
    } else if (event.event === "member.joined" && room === this.#active && event.user !== this.me.id) {
      this.#tell("notice", `${this.#people.has(event.user ?? "") ? this.nameOf(event.user ?? "") : "Somebody"} joined ${room.name}.`);
    }
  }

  /** @param {RoomModel} room */
  #know(room) {
    for (const { user, displayName, username } of room.members) {
      this.#people.know(user, displayName, username);
    }

    this.#tell("people");
  }

  /** @param {string} id */
  #forget(id) {
    const room = this.#rooms.get(id);
    this.#rooms.delete(id);
    room?.close();
    if (room && room === this.#active) {
      this.open(null);
    }
  }

  get #liveRooms() {
    return this.#listening.size + [...this.#rooms.values()].filter((room) => room.subscription).length;
  }

  #readAgain() {
    // What fails now is read again with the next round.
    this.readRooms().catch(() => undefined);
  }

  /**
   * A message is stored. Where there is a live stream it comes that way, too.
   * @param {import("../sdk/src/types.js").Message} message
   */
  #sent(message) {
    const room = this.#rooms.get(message.room);
    if (!room?.subscription) {
      room?.timeline.push(message);
      this.outbox.seen(message);
    }
  }

  #signalled() {
    const rooms = this.rooms.filter((room) => room.subscription);
    const active = this.#active?.subscription ? [this.#active] : [];
    return [...new Set([...active, ...rooms])].map((room) => ({ id: room.id, members: room.memberCount }));
  }

  #connectionChanged() {
    const { state } = this.live.state;
    if (state === "open") {
      this.outbox.kick();
      if (this.#wasOpen) {
        // Events that are not stored were lost while we were disconnected.
        this.#readAgain();
        this.#rooms.forEach((room) => room.refresh());
      }

      this.#wasOpen = true;
      this.signals.say(true);
    } else {
      this.signals.lost();
    }

    this.#tell("connection");
  }

  /**
   * @param {string} type
   * @param {unknown} [detail]
   */
  #tell(type, detail) {
    if (!this.#closed) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} width
 * @param {(item: T) => Promise<void>} work
 */
async function inTurns(items, width, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        await work(item);
      }
    }),
  );
}
