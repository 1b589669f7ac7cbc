// @ts-check

/** @import { Workspace } from "../model/workspace.js" */
/** @import { Room } from "../sdk/src/types.js" */

import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { icon } from "../icons.js";
import { toast, wordsOf } from "../toast.js";
import { field, openDialog } from "./controls.js";

/**
 * @param {Workspace} workspace
 * @param {(room: string) => void} entered
 */
export function createRoom(workspace, entered) {
  const name = field("Name", { name: "room", required: true, maxlength: 200, autocapitalize: "sentences" });
  const isPrivate = h("input", { type: "checkbox", id: "room-private" });
  const alert = h("p", { class: "alert", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, "Create room");
  const form = h(
    "form",
    {
      on: {
        submit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          button.disabled = true;
          alert.textContent = "";
          try {
            const room = await workspace.client.rooms.create({ name: name.input.value.trim(), visibility: isPrivate.checked ? "private" : "public" });
            await workspace.enter(room.id);
            dialog.close();
            entered(room.id);
          } catch (error) {
            alert.textContent = wordsOf(error);
          } finally {
            button.disabled = false;
          }
        },
      },
    },
    name.element,
    h(
      "div",
      { class: "check" },
      isPrivate,
      h("label", { for: "room-private" }, "Private", h("span", { class: "hint" }, "Nobody finds it; you add its members.")),
    ),
    alert,
    h("div", { class: "dialog-acts" }, button),
  );
  const dialog = openDialog("New room", form);
  name.input.focus();
}

/**
 * @param {Workspace} workspace
 * @param {(room: string) => void} entered
 */
export function browseRooms(workspace, entered) {
  const list = h("ul", { class: "browse" });
  const note = h("p", { class: "panel-note", role: "status" }, "Loading…");
  const more = h("button", { type: "button", class: "link", hidden: true }, "Show more");
  const filter = h("input", { type: "search", placeholder: "Filter by name", "aria-label": "Filter rooms by name", autocomplete: "off" });
  /** @type {Room[]} */
  const rooms = [];
  /** @type {string | undefined} */
  let after;
  filter.addEventListener("input", show);
  more.addEventListener("click", () => void load());
  const dialog = openDialog("Public rooms", filter, note, list, more);
  filter.focus();
  void load();

  async function load() {
    more.disabled = true;
    try {
      const page = await workspace.client.rooms.listPublic({ after, limit: 100 });
      rooms.push(...page.items);
      after = page.next;
      show();
    } catch (error) {
      note.textContent = wordsOf(error);
    } finally {
      more.hidden = !after;
      more.disabled = false;
    }
  }

  function show() {
    const wanted = filter.value.trim().toLowerCase();
    const found = rooms.filter((room) => room.name.toLowerCase().includes(wanted));
    note.textContent = found.length > 0 ? counted(found.length, "room") : "No public room has that name.";
    fill(list, ...found.map(row));
  }

  /** @param {Room} room */
  function row(room) {
    const isIn = workspace.room(room.id) !== undefined;
    const button = h("button", { type: "button", class: isIn ? "" : "primary", "aria-label": `${isIn ? "Open" : "Join"} ${room.name}` }, isIn ? "Open" : "Join");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        if (!isIn) {
          await workspace.client.rooms.join(room.id);
          await workspace.enter(room.id);
        }

        dialog.close();
        entered(room.id);
      } catch (error) {
        note.textContent = wordsOf(error);
        button.disabled = false;
      }
    });
    return h("li", {}, icon("hash"), h("span", { class: "browse-name" }, h("b", {}, room.name), h("span", {}, `${counted(room.members, "member")} · ${counted(room.lastSeq, "message")}`)), button);
  }
}

/**
 * @param {Workspace} workspace
 * @param {string} room
 */
export function leaveRoom(workspace, room) {
  const model = workspace.room(room);
  if (!model) {
    return;
  }

  const button = h("button", { type: "button", class: "danger" }, "Leave");
  const dialog = openDialog(
    `Leave ${model.name}?`,
    h("p", {}, model.isPrivate ? "It is private: to come back, somebody has to add you." : "You can join it again whenever you like."),
    h("div", { class: "dialog-acts" }, h("button", { type: "button", on: { click: () => dialog.close() } }, "Stay"), button),
  );
  button.addEventListener("click", async () => {
    try {
      await workspace.leave(room);
    } catch (error) {
      toast(wordsOf(error), "error");
    } finally {
      dialog.close();
    }
  });
}

/** Keys and what they do. @type {[string[], string][]} */
const keys = [
  [["Enter"], "Send the message"],
  [["Shift", "Enter"], "New line"],
  [["Ctrl", "K"], "Find a room by its name"],
  [["Alt", "↑"], "Room above"],
  [["Alt", "↓"], "Room below"],
  [["Alt", "Shift", "↓"], "Next room with unread messages"],
  [["Esc"], "Mark as read and go to the newest message; close what is open"],
  [["Ctrl", "."], "Show or hide people"],
  [["Ctrl", "Shift", "H"], "Show or hide what is under the hood"],
  [["?"], "These keys"],
];

export function showKeys() {
  openDialog("Keyboard", h("dl", { class: "keys" }, ...keys.flatMap(([combination, does]) => [h("dt", {}, ...combination.map((key) => h("kbd", {}, key))), h("dd", {}, does)])));
}
