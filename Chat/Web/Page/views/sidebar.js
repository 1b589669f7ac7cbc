// @ts-check

/** @import { RoomModel } from "../model/room.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { arrange, fill, Frame, h } from "../dom.js";
import { counted, shortTimeOf } from "../format.js";
import { icon } from "../icons.js";
import { avatar } from "./avatar.js";
import { iconButton } from "./controls.js";

/** The list of rooms, and who is signed in. */
export class Sidebar {
  #workspace;
  #actions;
  /** @type {Map<string, { item: HTMLElement, link: HTMLAnchorElement, shown: string }>} */
  #items = new Map();
  #list = h("ul", { class: "rooms" });
  #empty = h("p", { class: "rooms-empty", hidden: true });
  #title = h("h1", { class: "tenant" });
  #filter = h("input", { type: "search", placeholder: "Find a room", "aria-label": "Find a room", autocomplete: "off", spellcheck: "false" });
  #frame = new Frame(() => this.#render());

  /**
   * @param {Workspace} workspace
   * @param {{ open: (room: string) => void, browse: () => void, create: () => void, menu: (button: HTMLElement) => void, close: () => void }} actions
   */
  constructor(workspace, actions) {
    this.#workspace = workspace;
    this.#actions = actions;
    const me = workspace.me;
    const user = h(
      "button",
      { type: "button", class: "me", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `${me.displayName}: settings and sign out`, on: { click: () => actions.menu(user) } },
      avatar(me.id, me.displayName),
      h("span", { class: "me-name" }, h("b", {}, me.displayName), h("span", {}, `@${me.username}`)),
      icon("chevron"),
    );
    this.#filter.addEventListener("input", () => this.#frame.ask());
    this.#filter.addEventListener("keydown", (event) => this.#onKey(event));
    this.element = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Rooms" },
      h("header", { class: "side-head" }, this.#title, iconButton("close", "Close the list of rooms", actions.close, { class: "phone-only" })),
      h("div", { class: "side-find" }, icon("search"), this.#filter, h("kbd", { class: "wide-only", "aria-hidden": "true" }, "Ctrl K")),
      h("div", { class: "rooms-scroll" }, this.#list, this.#empty),
      h(
        "div",
        { class: "side-acts" },
        h("button", { type: "button", on: { click: actions.create } }, icon("plus"), "New room"),
        h("button", { type: "button", on: { click: actions.browse } }, icon("compass"), "Browse rooms"),
      ),
      h("footer", { class: "side-foot" }, user),
    );
    for (const event of ["rooms", "active", "people"]) {
      workspace.addEventListener(event, () => this.#frame.ask());
    }

    this.#frame.ask();
  }

  /** Puts the cursor where a room is found by its name. */
  find() {
    this.#filter.focus();
    this.#filter.select();
  }

  #render() {
    const { rooms, active, tenant, isListed } = this.#workspace;
    const wanted = this.#filter.value.trim().toLowerCase();
    const shown = rooms.filter((room) => room.name.toLowerCase().includes(wanted));
    this.#title.textContent = tenant.name;
    for (const id of [...this.#items.keys()]) {
      if (!this.#workspace.room(id)) {
        this.#items.delete(id);
      }
    }

    arrange(this.#list, shown.map((room) => this.#item(room, room === active)));
    this.#empty.hidden = shown.length > 0 || !isListed;
    this.#empty.textContent = rooms.length > 0 ? "No room of yours has that name." : "You are in no room yet. Create one, or browse those of others.";
    this.#list.setAttribute("aria-busy", String(!isListed));
  }

  /**
   * @param {RoomModel} room
   * @param {boolean} isActive
   */
  #item(room, isActive) {
    let entry = this.#items.get(room.id);
    if (!entry) {
      const link = h("a", { href: `#room=${encodeURIComponent(room.id)}`, dataset: { room: room.id } });
      link.addEventListener("click", (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
          event.preventDefault();
          this.#actions.open(room.id);
        }
      });
      entry = { item: h("li", {}, link), link, shown: "" };
      this.#items.set(room.id, entry);
    }

    const last = room.last;
    const sender = last && (last.sender === this.#workspace.me.id ? "You" : (this.#workspace.people.handleOf(last.sender) ?? this.#workspace.people.displayNameOf(last.sender)?.split(" ")[0]));
    const preview = last ? `${sender ? `${sender}: ` : ""}${last.text.trim() || "sent a file"}` : room.timeline.head === 0 ? "No messages yet" : "";
    const unread = isActive && document.hasFocus() && room.timeline.isAtEnd ? 0 : room.unread;
    const count = unread > 99 ? "99+" : String(unread);
    const time = last ? shortTimeOf(new Date(last.sentAt)) : "";
    const shown = JSON.stringify([room.name, room.isPrivate, preview.slice(0, 120), unread, time, isActive]);
    if (shown !== entry.shown) {
      entry.shown = shown;
      entry.link.className = `${unread > 0 ? "unread" : ""} ${isActive ? "active" : ""}`;
      if (isActive) {
        entry.link.setAttribute("aria-current", "page");
      } else {
        entry.link.removeAttribute("aria-current");
      }

      fill(
        entry.link,
        icon(room.isPrivate ? "lock" : "hash"),
        h("span", { class: "room-name" }, room.name, room.isPrivate && h("span", { class: "unseen" }, " (private)")),
        h("time", { class: "room-time" }, time),
        h("span", { class: "room-last" }, preview.slice(0, 120)),
        unread > 0 && h("span", { class: "count" }, count, h("span", { class: "unseen" }, ` ${counted(unread, "unread message").replace(/^\d+ /, "")}`)),
      );
    }

    return entry.item;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const links = /** @type {HTMLAnchorElement[]} */ ([...this.#list.querySelectorAll("a")]);
    if (event.key === "Enter" && links.length > 0) {
      event.preventDefault();
      this.#actions.open(links[0].dataset.room ?? "");
      this.#clear();
    } else if (event.key === "ArrowDown" && links.length > 0) {
      event.preventDefault();
      links[0].focus();
    } else if (event.key === "Escape") {
      this.#clear();
      this.#filter.blur();
    }
  }

  #clear() {
    this.#filter.value = "";
    this.#frame.ask();
  }
}
