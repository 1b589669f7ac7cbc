// @ts-check

/** @import { RoomModel } from "../model/room.js" */
/** @import { Member } from "../sdk/src/types.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { fill, Frame, h } from "../dom.js";
import { counted } from "../format.js";
import { icon } from "../icons.js";
import { toast, wordsOf } from "../toast.js";
import { avatar } from "./avatar.js";
import { iconButton } from "./controls.js";

const presences = { active: "here", away: "away", offline: "not here" };
const order = { active: 0, away: 1, offline: 2 };

/** Most members shown. */
const most = 500;

/** Who is in the room, who is there, and what owners and moderators do about it. */
export class MembersPanel {
  #workspace;
  #leave;
  /** @type {RoomModel | null} */
  #room = null;
  #frame = new Frame(() => this.#render());
  #onMembers = () => this.#frame.ask();
  #shown = "";

  /**
   * @param {Workspace} workspace
   * @param {() => void} leave
   */
  constructor(workspace, leave) {
    this.#workspace = workspace;
    this.#leave = leave;
    this.title = "People";
    this.element = h("div", { class: "panel-body" });
    workspace.addEventListener("presence", () => this.#frame.ask());
    workspace.addEventListener("people", () => this.#frame.ask());
  }

  /** @param {RoomModel | null} room */
  show(room) {
    this.#room?.removeEventListener("members", this.#onMembers);
    this.#room = room;
    room?.addEventListener("members", this.#onMembers);
    this.#frame.now();
  }

  #render() {
    const room = this.#room;
    if (!room) {
      return;
    }

    const { signals } = this.#workspace;
    const members = room.members
      .map((member) => ({ ...member, presence: signals.presenceOf(member.user) }))
      .sort((one, other) => order[one.presence] - order[other.presence] || one.displayName.localeCompare(other.displayName))
      .slice(0, most);
    const shown = JSON.stringify([room.id, members, room.myRole, this.#workspace.people.ids.length]);
    // Rebuilt only when something differs: an open list of roles must not close under the pointer.
    if (shown === this.#shown) {
      return;
    }

    this.#shown = shown;
    fill(
      this.element,
      h("p", { class: "panel-note" }, `${counted(room.memberCount, "member")}, ${members.filter((member) => member.presence === "active").length} here now`),
      h("ul", { class: "members" }, ...members.map((member) => this.#member(room, member))),
      this.#adding(room),
      h("button", { type: "button", class: "quiet-danger", on: { click: this.#leave } }, icon("leave"), "Leave the room"),
    );
  }

  /**
   * @param {RoomModel} room
   * @param {Member & { presence: "active" | "away" | "offline" }} member
   */
  #member(room, member) {
    const isMe = member.user === this.#workspace.me.id;
    const mayChange = !isMe && (room.myRole === "owner" || (room.myRole === "moderator" && member.role === "member"));
    return h(
      "li",
      { class: "member" },
      avatar(member.user, member.displayName, member.presence),
      h(
        "span",
        { class: "member-name" },
        h(
          "span",
          { class: "member-who" },
          h("b", {}, member.displayName, isMe && h("span", { class: "you" }, " you")),
          member.username && h("span", { class: "handle" }, `@${member.username}`),
        ),
        h("span", { class: "member-sub" }, presences[member.presence], mayChange && room.myRole === "owner" && this.#role(room, member)),
      ),
      !(mayChange && room.myRole === "owner") && member.role !== "member" && h("span", { class: "role" }, member.role),
      mayChange &&
        iconButton("close", `Remove ${this.#workspace.nameOf(member.user)} from the room`, () => void this.#act(() => this.#workspace.client.rooms.remove(room.id, member.user), room), { class: "bare" }),
    );
  }

  /**
   * @param {RoomModel} room
   * @param {Member} member
   */
  #role(room, member) {
    const select = h(
      "select",
      { "aria-label": `Role of ${this.#workspace.nameOf(member.user)}` },
      ...["owner", "moderator", "member"].map((role) => h("option", { value: role, selected: role === member.role }, role)),
    );
    select.addEventListener("change", () =>
      void this.#act(() => this.#workspace.client.rooms.setRole(room.id, member.user, /** @type {Member["role"]} */ (select.value)), room));
    return select;
  }

  /** @param {RoomModel} room */
  #adding(room) {
    const inside = new Set(room.members.map((member) => member.user));
    const others = this.#workspace.people.ids
      .filter((user) => !inside.has(user))
      .map((user) => ({ user, name: this.#workspace.nameOf(user) }))
      .sort((one, other) => one.name.localeCompare(other.name));
    if (room.myRole === "member" || others.length === 0) {
      return null;
    }

    const select = h("select", { "aria-label": "Person to add" }, ...others.map(({ user, name }) => h("option", { value: user }, name)));
    return h(
      "div",
      { class: "adding" },
      select,
      h("button", { type: "button", on: { click: () => void this.#act(() => this.#workspace.add(room.id, select.value), room) } }, icon("plus"), "Add"),
    );
  }

  /**
   * @param {() => Promise<unknown>} act
   * @param {RoomModel} room
   */
  async #act(act, room) {
    try {
      await act();
    } catch (error) {
      toast(wordsOf(error), "error");
    } finally {
      this.#shown = "";
      room.readMembers();
    }
  }
}
