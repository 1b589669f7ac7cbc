// @ts-check

/** @import { Workspace } from "../model/workspace.js" */

import { announce } from "../announcer.js";
import { fill, h } from "../dom.js";
import { sizeOf } from "../format.js";
import { icon } from "../icons.js";
import { toast, wordsOf } from "../toast.js";
import { iconButton } from "./controls.js";

const most = 16;

/** Uploads that run at once; the rest waits. */
const atOnce = 3;

/**
 * @typedef {object} Upload
 * @property {File} file
 * @property {"waiting" | "running" | "done" | "failed"} state
 * @property {string} [id] Once done.
 * @property {AbortController} stop
 * @property {HTMLElement} element
 * @property {HTMLProgressElement} bar
 * @property {HTMLElement} note
 */

/** Files of the next message: each with its progress and a button to cancel it. Event "change". */
export class Uploads extends EventTarget {
  #workspace;
  /** @type {Upload[]} */
  #uploads = [];

  /** @param {Workspace} workspace */
  constructor(workspace) {
    super();
    this.#workspace = workspace;
    this.element = h("ul", { class: "uploads", "aria-label": "Files to send", hidden: true });
  }

  get isEmpty() {
    return this.#uploads.length === 0;
  }

  /** Whether all are uploaded. */
  get isReady() {
    return this.#uploads.every((upload) => upload.state === "done");
  }

  get hasFailed() {
    return this.#uploads.some((upload) => upload.state === "failed");
  }

  get ids() {
    return this.#uploads.flatMap((upload) => upload.id ?? []);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      if (this.#uploads.length >= most) {
        toast(`A message takes at most ${most} files.`, "error");
        break;
      }

      const bar = h("progress", { max: 100, value: 0, "aria-label": `Upload of ${file.name}` });
      const note = h("span", { class: "upload-note" }, sizeOf(file.size));
      /** @type {Upload} */
      const upload = { file, state: "waiting", stop: new AbortController(), element: h("li", { class: "upload" }), bar, note };
      fill(
        upload.element,
        icon("file"),
        h("span", { class: "upload-name", title: file.name }, file.name),
        note,
        iconButton("close", `Remove ${file.name}`, () => this.#remove(upload), { class: "bare" }),
        bar,
      );
      this.#uploads.push(upload);
      this.element.append(upload.element);
    }

    this.#changed();
    this.#next();
  }

  /** The message that they belong to is on its way. */
  clear() {
    this.#uploads = [];
    this.element.replaceChildren();
    this.#changed();
  }

  close() {
    this.#uploads.forEach((upload) => upload.stop.abort());
  }

  #next() {
    const running = this.#uploads.filter((upload) => upload.state === "running").length;
    for (const upload of this.#uploads.filter((candidate) => candidate.state === "waiting").slice(0, Math.max(0, atOnce - running))) {
      void this.#run(upload);
    }
  }

  /** @param {Upload} upload */
  async #run(upload) {
    upload.state = "running";
    upload.element.classList.remove("failed");
    try {
      const refusal = await this.#workspace.files.refusalOf(upload.file);
      if (upload.stop.signal.aborted) {
        return;
      }

      if (refusal) {
        this.#fail(upload, refusal);
        return;
      }

      const info = await this.#workspace.client.files.upload(upload.file, {
        name: upload.file.name || "pasted",
        type: upload.file.type || undefined,
        signal: upload.stop.signal,
        onProgress: ({ loaded, total }) => {
          upload.bar.value = total > 0 ? Math.min(99, (loaded / total) * 100) : 99;
          upload.note.textContent = `${sizeOf(loaded)} of ${sizeOf(total)}`;
        },
      });
      upload.state = "done";
      upload.id = info.id;
      upload.bar.value = 100;
      upload.note.textContent = `${sizeOf(info.size)}, ready`;
      upload.element.classList.add("done");
      this.#workspace.files.know(info);
    } catch (error) {
      if (upload.stop.signal.aborted) {
        return;
      }

      const again = () => h("button", { type: "button", class: "link", on: { click: () => void this.#run(upload) } }, "Try again");
      this.#fail(upload, wordsOf(error), isFinal(error) ? null : again());
    } finally {
      this.#changed();
      this.#next();
    }
  }

  /**
   * @param {Upload} upload
   * @param {string} why
   * @param {HTMLElement | null} [act]
   */
  #fail(upload, why, act = null) {
    upload.state = "failed";
    upload.element.classList.add("failed");
    fill(upload.note, why, act && " ", act);
    announce(`${upload.file.name}: ${why}`);
  }

  /** @param {Upload} upload */
  #remove(upload) {
    upload.stop.abort();
    this.#uploads = this.#uploads.filter((other) => other !== upload);
    upload.element.remove();
    if (upload.id) {
      // Nobody else knows of it. If this fails, it stays until its owner removes it.
      this.#workspace.client.files.remove(upload.id).catch(() => undefined);
    }

    this.#changed();
    this.#next();
  }

  #changed() {
    this.element.hidden = this.isEmpty;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Whether the same file would be refused again.
 * @param {any} error
 */
function isFinal(error) {
  return error?.status === 413 || error?.status === 415;
}
