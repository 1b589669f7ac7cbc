// @ts-check

/** @import { Workspace } from "../model/workspace.js" */

import { announce } from "../announcer.js";
import { fill, Frame, h } from "../dom.js";
import { counted } from "../format.js";
import { icon } from "../icons.js";
import { habits } from "../storage.js";
import { toast } from "../toast.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { iconButton } from "./controls.js";
import { browseRooms, createRoom, leaveRoom, showKeys } from "./dialogs.js";
import { HoodPanel } from "./hood-panel.js";
import { MembersPanel } from "./members-panel.js";
import { listenToKeys } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";
import { TimelineView } from "./timeline-view.js";
import { toggleUserMenu } from "./user-menu.js";

const lastRoom = "chat.room";
const phone = window.matchMedia("(max-width: 760px)");

/** The page of a signed-in user: rooms on the left, messages in the middle, details on the right. */
export class Shell {
  #workspace;
  #root;
  #stop = new AbortController();
  #sidebar;
  #timeline;
  #composer;
  #banner;
  #members;
  #hood;
  /** @type {MembersPanel | HoodPanel | null} */
  #panel = null;
  #title = h("h2", { class: "room-title" });
  #about = h("p", { class: "room-about" });
  #typing = h("p", { class: "typing" });
  #people = iconButton("people", "People in the room", () => this.#toggle(this.#members), { "aria-expanded": "false", title: "People (Ctrl .)" });
  #gauge = iconButton("gauge", "Under the hood", () => this.#toggle(this.#hood), { "aria-expanded": "false", title: "Under the hood (Ctrl Shift H)" });
  #aside = h("aside", { class: "panel", hidden: true });
  /** There from the beginning, so that nothing moves when the first room comes. */
  #room = h("div", { class: "room" });
  #none = h("div", { class: "no-room", hidden: true });
  #main = h("main", { class: "main" }, this.#none, this.#room);
  #frame = new Frame(() => this.#render());

  /**
   * @param {HTMLElement} root
   * @param {Workspace} workspace
   */
  constructor(root, workspace) {
    this.#root = root;
    this.#workspace = workspace;
    const entered = (/** @type {string} */ room) => this.#open(room);
    this.#sidebar = new Sidebar(workspace, {
      open: (room) => this.#open(room),
      browse: () => browseRooms(workspace, entered),
      create: () => createRoom(workspace, entered),
      menu: (button) => toggleUserMenu(workspace, button),
      close: () => this.#drawer(false),
    });
    this.#timeline = new TimelineView(workspace);
    this.#composer = new Composer(workspace, () => this.#timeline.toEnd());
    this.#banner = new Banner(workspace);
    this.#members = new MembersPanel(workspace, () => leaveRoom(workspace, workspace.active?.id ?? ""));
    this.#hood = new HoodPanel(workspace);
    const drawer = () => iconButton("menu", "Rooms", () => this.#drawer(true), { class: "phone-only", "aria-controls": "sidebar" });
    fill(
      this.#room,
      h("header", { class: "room-head" }, drawer(), h("div", { class: "room-id" }, this.#title, this.#about), this.#people, this.#gauge),
      this.#timeline.element,
      this.#typing,
      this.#composer.element,
    );
    fill(
      this.#none,
      h("header", { class: "room-head" }, drawer()),
      h(
        "div",
        { class: "no-room-body" },
        h("h2", {}, "Choose a room"),
        h("p", {}, "The rooms that you are in are in the list of rooms. There may be more to join."),
        h("p", {}, h("button", { type: "button", class: "primary", on: { click: () => browseRooms(workspace, entered) } }, "Browse rooms")),
      ),
    );
    this.#timeline.element.append(this.#banner.element);
    fill(
      root,
      h("a", { class: "skip", href: "#compose", on: { click: (/** @type {Event} */ event) => (event.preventDefault(), this.#drawer(false), this.#composer.focus()) } }, "Skip to writing"),
      h(
        "div",
        { class: "shell" },
        this.#sidebar.element,
        h("div", { class: "scrim", on: { click: () => this.#drawer(false) } }),
        this.#main,
        this.#aside,
      ),
    );
    this.#listen();
  }

  /** The list of rooms has come. */
  started() {
    const { rooms } = this.#workspace;
    const wanted = roomOfAddress() ?? habits.get(lastRoom);
    const room = (wanted !== null && this.#workspace.room(wanted)) || rooms[0];
    if (room) {
      this.#open(room.id, { quiet: true });
    } else {
      this.#changed();
    }
  }

  close() {
    this.#stop.abort();
    this.#banner.close();
    this.#composer.uploads.close();
    this.#timeline.show(null);
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.close();
    }

    this.#root.replaceChildren();
    document.title = "Chat";
  }

  #listen() {
    const workspace = this.#workspace;
    const { signal } = this.#stop;
    workspace.addEventListener("active", () => this.#changed());
    for (const event of ["rooms", "people", "typing", "presence"]) {
      workspace.addEventListener(event, () => this.#frame.ask());
    }

    phone.addEventListener("change", () => this.#drawer(false), { signal });
    workspace.addEventListener("notice", (event) => toast(/** @type {CustomEvent} */ (event).detail));
    window.addEventListener("hashchange", () => this.#open(roomOfAddress() ?? "", { quiet: true }), { signal });
    window.addEventListener("pagehide", () => workspace.signals.leave(), { signal });
    listenToKeys(
      {
        find: () => {
          this.#drawer(true);
          this.#sidebar.find();
        },
        move: (step, unread) => this.#move(step, unread),
        escape: () => this.#escape(),
        people: () => this.#toggle(this.#members),
        hood: () => this.#toggle(this.#hood),
        help: showKeys,
        write: () => this.#composer.focus(),
      },
      signal,
    );
    this.#takeDrops();
  }

  /** Files may be dropped anywhere on the page; a file that misses must not replace it. */
  #takeDrops() {
    const { signal } = this.#stop;
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
    const mark = (/** @type {boolean} */ on) => this.#root.classList.toggle("dropping", on && this.#workspace.active !== null);
    document.addEventListener(
      "dragover",
      (event) => {
        if (hasFiles(event)) {
          event.preventDefault();
          mark(true);
        }
      },
      { signal },
    );
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false), { signal });
    document.addEventListener(
      "drop",
      (event) => {
        mark(false);
        if (hasFiles(event)) {
          event.preventDefault();
          if (this.#workspace.active) {
            this.#composer.uploads.add(event.dataTransfer?.files ?? []);
            this.#composer.focus();
          }
        }
      },
      { signal },
    );
  }

  /**
   * @param {string} id
   * @param {{ quiet?: boolean }} [options] `quiet`: the address says it already.
   */
  #open(id, { quiet = false } = {}) {
    if (!this.#workspace.room(id)) {
      return;
    }

    const address = `#room=${encodeURIComponent(id)}`;
    if (location.hash !== address) {
      history[quiet ? "replaceState" : "pushState"](null, "", address);
    }

    habits.set(lastRoom, id);
    this.#drawer(false);
    this.#workspace.open(id);
    if (!phone.matches) {
      this.#composer.focus();
    }
  }

  /**
   * @param {number} step
   * @param {boolean} unread
   */
  #move(step, unread) {
    const { rooms, active } = this.#workspace;
    const at = active ? rooms.indexOf(active) : -1;
    for (let i = 1; i <= rooms.length; i++) {
      const room = rooms[(at + step * i + rooms.length * i) % rooms.length];
      if (room !== active && (!unread || room.unread > 0)) {
        this.#open(room.id);
        return;
      }
    }
  }

  #escape() {
    if (this.#root.classList.contains("drawer")) {
      this.#drawer(false);
    } else if (phone.matches && this.#panel) {
      this.#toggle(this.#panel);
    } else if (this.#workspace.active) {
      this.#workspace.active.newAfter = null;
      this.#timeline.toEnd();
      this.#composer.focus();
    }
  }

  /** @param {boolean} open Whether the list of rooms covers the messages; on wide screens it is always beside them. */
  #drawer(open) {
    const was = this.#root.classList.contains("drawer");
    const hadFocus = this.#sidebar.element.contains(document.activeElement);
    this.#root.classList.toggle("drawer", open && phone.matches);
    this.#main.inert = this.#aside.inert = open && phone.matches;
    if (phone.matches) {
      this.#sidebar.element.inert = !open;
      if (open && !was) {
        /** @type {HTMLElement | null} */ (this.#sidebar.element.querySelector("[aria-current]") ?? this.#sidebar.element.querySelector("button"))?.focus();
      } else if (was && !open && hadFocus) {
        // Back to where it was opened; the text field would bring up the keyboard of a phone.
        /** @type {HTMLElement | null} */ (this.#main.querySelector(".room:not([hidden]) [aria-controls=sidebar], .no-room:not([hidden]) [aria-controls=sidebar]"))?.focus({ preventScroll: true });
      }
    } else {
      this.#sidebar.element.inert = false;
    }
  }

  /** @param {MembersPanel | HoodPanel} panel */
  #toggle(panel) {
    this.#panel = this.#panel === panel ? null : panel;
    this.#people.setAttribute("aria-expanded", String(this.#panel === this.#members));
    this.#gauge.setAttribute("aria-expanded", String(this.#panel === this.#hood));
    this.#timeline.inspect(this.#panel === this.#hood);
    this.#members.show(this.#panel === this.#members ? this.#workspace.active : null);
    this.#hood.show(this.#panel === this.#hood ? this.#workspace.active : null);
    this.#aside.hidden = this.#panel === null || this.#workspace.active === null;
    if (this.#panel) {
      const shown = this.#panel;
      fill(this.#aside, h("header", {}, h("h2", {}, shown.title), iconButton("close", "Close", () => this.#toggle(shown))), shown.element);
      this.#aside.setAttribute("aria-label", shown.title);
    } else {
      (panel === this.#members ? this.#people : this.#gauge).focus({ preventScroll: true });
    }
  }

  #changed() {
    const { active } = this.#workspace;
    this.#room.hidden = active === null && this.#workspace.isListed;
    this.#none.hidden = active !== null || !this.#workspace.isListed;
    this.#timeline.show(active);
    this.#composer.show(active);
    this.#panel?.show(active);
    this.#aside.hidden = this.#panel === null || active === null;
    active?.addEventListener("message", (event) => this.#tell(/** @type {CustomEvent} */ (event).detail), { signal: this.#untilNext() });
    this.#drawer(this.#root.classList.contains("drawer"));
    this.#frame.ask();
  }

  #next = new AbortController();

  #untilNext() {
    this.#next.abort();
    this.#next = new AbortController();
    return this.#next.signal;
  }

  /**
   * Screen readers hear what others write in the room that is open.
   * @param {import("../sdk/src/types.js").LiveMessage} message
   */
  #tell(message) {
    if (message.sender !== this.#workspace.me.id) {
      announce(`${this.#workspace.nameOf(message.sender)}: ${message.text || "sent a file"}`.slice(0, 300));
    }
  }

  #render() {
    const { active, unread } = this.#workspace;
    document.title = `${unread > 0 ? `(${unread > 99 ? "99+" : unread}) ` : ""}${active ? `${active.name} · ` : ""}Chat`;
    if (!active) {
      return;
    }

    const head = `${active.isPrivate} ${active.name}`;
    if (this.#title.dataset.head !== head) {
      this.#title.dataset.head = head;
      fill(this.#title, icon(active.isPrivate ? "lock" : "hash"), h("span", {}, active.name));
    }

    const here = active.members.filter((member) => this.#workspace.signals.presenceOf(member.user) === "active").length;
    this.#about.textContent = active.members.length > 0 ? `${counted(active.memberCount, "member")}, ${here} here` : counted(active.memberCount, "member");
    const typers = this.#workspace.signals.typersIn(active.id).map((user) => this.#workspace.nameOf(user));
    const text = typers.length === 0 ? "" : typers.length === 1 ? `${typers[0]} is typing…` : typers.length === 2 ? `${typers[0]} and ${typers[1]} are typing…` : "Several people are typing…";
    if (this.#typing.textContent !== text) {
      this.#typing.textContent = text;
    }
  }
}

/** The room that the address names. */
function roomOfAddress() {
  return new URLSearchParams(location.hash.slice(1)).get("room");
}
