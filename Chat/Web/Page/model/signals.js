// @ts-check

/** @import { LiveConnection } from "../sdk/realtime.js" */
/** @import { Signal } from "../sdk/src/types.js" */

/** While somebody types, a signal is sent this often, and expires after a little more than that. */
const typingEvery = 3_000;
const typingLife = 5_000;

/** Presence is said this often, in so many rooms at most, and believed for two times and a half as long. */
const presenceEvery = 30_000;
const presenceLife = 75_000;
const presenceRooms = 10;

/** In a room with more members nobody answers a newcomer; it learns from the next round. */
const mostAnswers = 50;

/** Most people whose presence is kept. */
const mostPeople = 2_000;

/**
 * Presence and typing, by signals. Nothing is stored, and a signal that is not repeated expires. Presence belongs to a person, whatever room it was
 * sent in; typing belongs to a room.
 *
 * Events: "presence", "typing" (`event.detail` is the room), "rooms" (somebody says that our list of rooms has changed).
 */
export class Signals extends EventTarget {
  #live;
  #me;
  #rooms;
  /** @type {Map<string, { state: "active" | "away", until: number }>} */
  #presence = new Map();
  /** @type {Map<string, Map<string, number>>} Room to person to end. */
  #typing = new Map();
  #typingSaid = { room: "", at: 0 };
  /** @type {any} */
  #sweep;
  /** @type {any} */
  #beat;
  /** @type {Set<any>} */
  #answers = new Set();
  #stop = new AbortController();

  /**
   * @param {LiveConnection} live
   * @param {string} me
   * @param {() => { id: string, members: number }[]} rooms Rooms with a live stream, the most important first.
   */
  constructor(live, me, rooms) {
    super();
    this.#live = live;
    this.#me = me;
    this.#rooms = rooms;
    this.#sweep = setInterval(() => this.#forget(), 1_000);
    this.#beat = setInterval(() => this.say(false), presenceEvery);
    document.addEventListener("visibilitychange", () => this.say(false), { signal: this.#stop.signal });
  }

  /**
   * @param {string} user
   * @returns {"active" | "away" | "offline"}
   */
  presenceOf(user) {
    return user === this.#me ? "active" : (this.#presence.get(user)?.state ?? "offline");
  }

  /** @param {string} room */
  typersIn(room) {
    return [...(this.#typing.get(room)?.keys() ?? [])];
  }

  /**
   * Says that we are here.
   * @param {boolean} ask Whether others shall say the same.
   */
  say(ask) {
    for (const { id } of this.#rooms().slice(0, presenceRooms)) {
      this.#send(id, { ...this.#here(), ask });
    }
  }

  /**
   * Asks one room who is there.
   * @param {string} room
   */
  ask(room) {
    this.#send(room, { kind: "presence", state: "active", ask: true });
  }

  /**
   * We are typing there.
   * @param {string} room
   */
  type(room) {
    const now = Date.now();
    if ((this.#typingSaid.room !== room || now - this.#typingSaid.at >= typingEvery) && this.#send(room, { kind: "typing" })) {
      this.#typingSaid = { room, at: now };
    }
  }

  /**
   * We have stopped typing there.
   * @param {string} room
   */
  stopTyping(room) {
    if (this.#typingSaid.room === room) {
      this.#typingSaid = { room: "", at: 0 };
      this.#send(room, { kind: "stopped" });
    }
  }

  /**
   * A signal came. What it holds is somebody else's word.
   * @param {Signal} signal
   */
  receive({ room, sender, data }) {
    if (typeof data !== "object" || data === null) {
      return;
    }

    if (sender === this.#me) {
      if (data.kind === "presence" && data.state === "gone") {
        // Another tab or device of ours has left; we are still there.
        this.#send(room, this.#here());
      }

      return;
    }

    switch (data.kind) {
      case "typing":
        this.#set(room, sender, Date.now() + typingLife);
        this.#see(sender, "active");
        break;
      case "stopped":
        this.#set(room, sender, 0);
        break;
      case "rooms":
        this.dispatchEvent(new Event("rooms"));
        break;
      case "presence":
        if (data.state === "gone") {
          this.#presence.delete(sender);
          this.dispatchEvent(new Event("presence"));
        } else {
          this.#see(sender, data.state === "away" ? "away" : "active");
        }

        if (data.ask === true) {
          this.#answer(room, sender);
        }

        break;
    }
  }

  /**
   * Notifies a user that their list of rooms has changed. Only a hint: the service decides who is in which room.
   * @param {string} room One that both are in.
   * @param {string} user
   */
  hint(room, user) {
    this.#send(room, { kind: "rooms" }, user);
  }

  /**
   * A user who has posted is present and no longer typing.
   * @param {string} room
   * @param {string} sender
   */
  posted(room, sender) {
    this.#set(room, sender, 0);
  }

  /** No signals arrive while the connection is lost, so nothing is known. */
  lost() {
    this.#presence.clear();
    this.#typing.clear();
    this.dispatchEvent(new Event("presence"));
  }

  /** Says that we are gone. */
  leave() {
    for (const { id } of this.#rooms().slice(0, presenceRooms)) {
      this.#send(id, { kind: "presence", state: "gone" });
    }
  }

  close() {
    this.leave();
    clearInterval(this.#sweep);
    clearInterval(this.#beat);
    this.#answers.forEach((timer) => clearTimeout(timer));
    this.#stop.abort();
  }

  #here() {
    return { kind: "presence", state: document.visibilityState === "visible" ? "active" : "away" };
  }

  /**
   * @param {string} room
   * @param {string} to
   */
  #answer(room, to) {
    const members = this.#rooms().find((candidate) => candidate.id === room)?.members ?? Infinity;
    if (members > mostAnswers || this.#answers.size > mostAnswers) {
      return;
    }

    // Not all at once.
    const timer = setTimeout(() => {
      this.#answers.delete(timer);
      this.#send(room, this.#here(), to);
    }, Math.random() * 800);
    this.#answers.add(timer);
  }

  /**
   * @param {string} user
   * @param {"active" | "away"} state
   */
  #see(user, state) {
    const before = this.#presence.get(user)?.state;
    if (before === undefined && this.#presence.size >= mostPeople) {
      return;
    }

    this.#presence.set(user, { state, until: Date.now() + presenceLife });
    if (before !== state) {
      this.dispatchEvent(new Event("presence"));
    }
  }

  /**
   * @param {string} room
   * @param {string} user
   * @param {number} until
   */
  #set(room, user, until) {
    const typers = this.#typing.get(room) ?? new Map();
    const before = typers.has(user);
    if (until > 0) {
      typers.set(user, until);
      this.#typing.set(room, typers);
    } else {
      typers.delete(user);
    }

    if (before !== typers.has(user)) {
      this.dispatchEvent(new CustomEvent("typing", { detail: room }));
    }
  }

  #forget() {
    const now = Date.now();
    for (const [room, typers] of this.#typing) {
      for (const [user, until] of typers) {
        if (until <= now) {
          this.#set(room, user, 0);
        }
      }
    }

    let changed = false;
    for (const [user, { until }] of this.#presence) {
      if (until <= now) {
        this.#presence.delete(user);
        changed = true;
      }
    }

    if (changed) {
      this.dispatchEvent(new Event("presence"));
    }
  }

  /**
   * @param {string} room
   * @param {unknown} data
   * @param {string} [to]
   * @returns {boolean} Whether there was a connection to say it on.
   */
  #send(room, data, to) {
    if (this.#live.state.state !== "open") {
      return false;
    }

    // Lost or refused: it is said again soon, or was not worth it.
    this.#live.signal(room, data, to ? { to } : {}).catch(() => undefined);
    return true;
  }
}
