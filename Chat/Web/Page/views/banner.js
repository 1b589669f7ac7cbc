// @ts-check

/** @import { Workspace } from "../model/workspace.js" */

import { announce } from "../announcer.js";
import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { icon } from "../icons.js";

/** A loss that is over sooner is not worth a word. */
const patience = 1_500;
const shownAfter = 2_500;

/** Says that the connection is away and when it is tried again, and for a moment that it is back. Lies above the messages, so that nothing moves. */
export class Banner {
  #workspace;
  #lostAt = Date.now();
  #wasShown = false;
  /** @type {any} */
  #timer = null;
  #closed = false;

  /** @param {Workspace} workspace */
  constructor(workspace) {
    this.#workspace = workspace;
    this.element = h("div", { class: "banner", hidden: true });
    workspace.addEventListener("connection", () => this.#changed());
    this.#later(patience);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #changed() {
    if (this.#workspace.connection.state === "open") {
      this.#lostAt = 0;
      clearTimeout(this.#timer);
      this.#timer = null;
      if (this.#wasShown) {
        this.#wasShown = false;
        this.#show("good", icon("check"), h("span", {}, "Connected again"));
        announce("Connected again");
        this.#timer = setTimeout(() => this.#hide(), shownAfter);
      }

      return;
    }

    if (this.#lostAt === 0) {
      this.#lostAt = Date.now();
      this.#later(patience);
    } else if (this.#wasShown) {
      this.#tell();
    }
  }

  #tell() {
    const { state, retryAt, reason } = this.#workspace.connection;
    if (this.#closed || state === "open") {
      return;
    }

    if (!this.#wasShown) {
      this.#wasShown = true;
      announce("The connection is lost. You can go on writing.");
    }

    const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
    if (state === "closed") {
      this.#show("bad", icon("warning"), h("span", {}, `The connection has ended. ${reason ?? ""}`), h("button", { type: "button", class: "link", on: { click: () => location.reload() } }, "Reload"));
    } else if (!navigator.onLine) {
      this.#show("bad", icon("offline"), h("span", {}, "You are offline. What you write waits, and is sent once."));
    } else if (state === "waiting" && seconds > 0) {
      this.#show(
        "bad",
        icon("offline"),
        h("span", {}, `Connection lost. Trying again in ${counted(seconds, "second")}.`),
        h("button", { type: "button", class: "link", on: { click: () => this.#workspace.hurry() } }, "Try now"),
      );
    } else {
      this.#show("bad", h("span", { class: "spinner" }), h("span", {}, "Connecting…"));
    }

    this.#later(1_000);
  }

  /** @param {number} wait */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), wait);
  }

  /**
   * @param {"good" | "bad"} kind
   * @param {...Node} content
   */
  #show(kind, ...content) {
    this.element.hidden = false;
    this.element.className = `banner ${kind}`;
    const text = content.map((node) => node.textContent).join("");
    if (this.element.dataset.text !== text) {
      this.element.dataset.text = text;
      fill(this.element, ...content);
    }
  }

  #hide() {
    this.element.hidden = true;
    this.element.dataset.text = "";
  }
}
