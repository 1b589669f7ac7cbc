// @ts-check

import { h } from "./dom.js";

/** Fewest milliseconds between two announcements: a busy room must not talk without end. */
const pause = 1_500;

const polite = h("div", { class: "unseen", "aria-live": "polite", "aria-atomic": "true" });
/** @type {string | null} */
let waiting = null;
let quietUntil = 0;
/** @type {any} */
let timer = null;

/** Puts the region into the document, where it must be before the first announcement. */
export function startAnnouncer() {
  document.body.append(polite);
}

/**
 * Announces to screen readers. Of the texts that come while one is being read, only the last is announced.
 * @param {string} text
 */
export function announce(text) {
  waiting = text;
  if (timer === null) {
    timer = setTimeout(tell, Math.max(50, quietUntil - Date.now()));
  }
}

function tell() {
  timer = null;
  polite.textContent = waiting;
  waiting = null;
  quietUntil = Date.now() + pause;
}
