// @ts-check

/** @import { RoomModel } from "../model/room.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { fill, h } from "../dom.js";
import { cutAt, isWritten } from "../paste.js";
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
  /** What became of text that did not fit. */
  #cut = h("p", { class: "compose-cut", role: "status", hidden: true });
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
    this.#text.addEventListener("beforeinput", (event) => this.#onBeforeInput(event));
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
      this.#cut,
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
    if (room !== this.#room) {
      this.#tellCut("");
    }

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
    if (files.length > 0 && !isWritten(event.clipboardData)) {
      event.preventDefault();
      this.uploads.add(files);
    }
  }

  /**
   * Text that comes at once, pasted or dropped, and is longer than a message may be: what fits is taken, and the rest is not lost in silence.
   * @param {InputEvent} event
   */
  #onBeforeInput(event) {
    const text = (event.data ?? event.dataTransfer?.getData("text/plain") ?? "").replaceAll("\r\n", "\n");
    const { value, selectionStart, selectionEnd } = this.#text;
    const space = longest - value.length + (selectionEnd - selectionStart);
    if (!event.inputType.startsWith("insertFrom") || text.length <= space) {
      return;
    }

    event.preventDefault();
    const kept = cutAt(text, space);
    // The one way to insert text that can be undone.
    if (kept !== "" && !document.execCommand("insertText", false, kept)) {
      this.#text.setRangeText(kept, selectionStart, selectionEnd, "end");
      this.#onInput();
    }

    this.#tellCut(text, kept);
  }

  /**
   * @param {string} text All of it; nothing is announced when it is empty.
   * @param {string} [kept]
   */
  #tellCut(text, kept = "") {
    this.#cut.hidden = text === "";
    if (text === "") {
      this.#cut.replaceChildren();
      return;
    }

    const attach = () => {
      this.#tellCut("");
      const at = kept === "" ? -1 : this.#text.value.indexOf(kept);
      if (at >= 0) {
        this.#text.setRangeText("", at, at + kept.length, "end");
        this.#onInput();
      }

      this.uploads.add([new File([text], "pasted.txt", { type: "text/plain" })]);
      this.focus();
    };
    const close = () => {
      this.#tellCut("");
      this.focus();
    };
    fill(
      this.#cut,
      icon("warning"),
      h("span", {}, `A message takes ${longest.toLocaleString()} characters, so ${kept === "" ? "none" : `only the first ${kept.length.toLocaleString()}`} of the ${text.length.toLocaleString()} pasted ${kept === "" ? "fit" : "are here"}. `),
      h("button", { type: "button", class: "link", on: { click: attach } }, "Attach all of it as a file"),
      iconButton("close", "Dismiss", close, { class: "bare" }),
    );
  }

  #submit() {
    const text = this.#text.value.trimEnd();
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
    this.#tellCut("");
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
