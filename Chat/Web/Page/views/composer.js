// @ts-check

/** @import { RoomModel } from "../model/room.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { toast } from "../toast.js";
import { iconButton } from "./controls.js";
import { Uploads } from "./uploads.js";

const longest = 8_000;
const warnAt = 7_500;

/** Tallest text field before it scrolls, in pixels. */
const tallest = 220;

/** Where messages are written: Enter sends, Shift+Enter makes a new line, files come by button, drop and paste. */
export class Composer {
  #workspace;
  #onSend;
  /** @type {RoomModel | null} */
  #room = null;
  #text = h("textarea", { rows: 1, maxlength: longest, "aria-label": "Message", "aria-describedby": "compose-hint", enterkeyhint: "send", dir: "auto" });
  #send = h("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send (Enter)" }, icon("send"));
  #count = h("span", { class: "compose-count", "aria-live": "polite" });
  #picker = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Choose files", tabindex: "-1" });

  /**
   * @param {Workspace} workspace
   * @param {() => void} onSend
   */
  constructor(workspace, onSend) {
    this.#workspace = workspace;
    this.#onSend = onSend;
    this.uploads = new Uploads(workspace);
    this.uploads.addEventListener("change", () => this.#changed());
    this.#picker.addEventListener("change", () => {
      this.uploads.add(this.#picker.files ?? []);
      this.#picker.value = "";
      this.focus();
    });
    this.#text.addEventListener("input", () => this.#onInput());
    this.#text.addEventListener("keydown", (event) => this.#onKey(event));
    this.#text.addEventListener("paste", (event) => this.#onPaste(event));
    this.element = h(
      "form",
      {
        class: "composer",
        "aria-label": "Write a message",
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.#submit();
          },
        },
      },
      this.uploads.element,
      h(
        "div",
        { class: "compose-line" },
        iconButton("clip", "Attach files", () => this.#picker.click()),
        this.#picker,
        this.#text,
        this.#send,
      ),
      h("p", { class: "compose-hint", id: "compose-hint" }, h("span", { class: "wide-only" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift Enter"), " makes a new line"), this.#count),
    );
  }

  /** @param {RoomModel | null} room */
  show(room) {
    // What was written before there was a room goes with the first one.
    const early = this.#room ? "" : this.#text.value;
    this.#room = room;
    this.#text.value = room ? this.#workspace.drafts.of(room.id) || early : "";
    this.#text.placeholder = room ? `Message ${room.name}` : "";
    this.#changed();
  }

  focus() {
    this.#text.focus();
  }

  #onInput() {
    if (this.#room) {
      this.#workspace.drafts.keep(this.#room.id, this.#text.value);
      if (this.#text.value.trim() === "") {
        this.#workspace.signals.stopTyping(this.#room.id);
      } else {
        this.#workspace.signals.type(this.#room.id);
      }
    }

    this.#changed();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // While an input method composes a character, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      this.#submit();
    }
  }

  /** @param {ClipboardEvent} event */
  #onPaste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) {
      event.preventDefault();
      this.uploads.add(files);
    }
  }

  #submit() {
    const text = this.#text.value.replace(/\s+$/, "");
    if (!this.#room || (text.trim() === "" && this.uploads.isEmpty)) {
      return;
    }

    if (!this.uploads.isReady) {
      toast(this.uploads.hasFailed ? "A file was not uploaded: remove it, or try again." : "Files are still on their way. Wait for them, or remove them.");
      return;
    }

    if (this.#workspace.outbox.isFull) {
      toast("Too many messages wait to be sent already.", "error");
      return;
    }

    this.#workspace.send(text.trim() === "" ? "" : text, this.uploads.ids);
    this.#text.value = "";
    this.#workspace.drafts.keep(this.#room.id, "");
    this.uploads.clear();
    this.#changed();
    this.#onSend();
  }

  #changed() {
    const { value } = this.#text;
    this.#send.disabled = value.trim() === "" && this.uploads.isEmpty;
    this.#send.setAttribute("aria-disabled", String(!this.uploads.isReady));
    this.#count.textContent = value.length >= warnAt ? `${longest - value.length} characters left` : "";
    this.#text.style.setProperty("height", "auto");
    this.#text.style.setProperty("height", `${Math.min(tallest, this.#text.scrollHeight)}px`);
  }
}
