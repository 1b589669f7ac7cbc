// @ts-check

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { ProblemTypes } from "./sdk/realtime.js";

const life = 6_000;
const most = 3;

const region = h("div", { class: "toasts", role: "status" });

export function startToasts() {
  document.body.append(region);
}

/**
 * A note that disappears by itself.
 * @param {string} text
 * @param {"note" | "error"} [kind]
 */
export function toast(text, kind = "note") {
  const note = h(
    "div",
    { class: `toast ${kind}` },
    kind === "error" ? icon("warning") : icon("check"),
    h("span", {}, text),
    h("button", { class: "bare", type: "button", "aria-label": "Dismiss", on: { click: () => note.remove() } }, icon("close")),
  );
  while (region.childElementCount >= most) {
    region.firstElementChild?.remove();
  }

  region.append(note);
  setTimeout(() => note.remove(), life);
}

/**
 * A failure in words that a person can act on.
 * @param {unknown} error
 */
export function wordsOf(error) {
  const { status, type, retryAfter, detail } = /** @type {{ status?: number, type?: string, retryAfter?: number, detail?: string }} */ (error ?? {});
  if (type === ProblemTypes.storageUnavailable) {
    return "This browser's storage for the page is full: you stay signed in only until it is reloaded or closed. To change that, remove this site's data in the browser's settings.";
  }

  if (status === 0) {
    return "The service cannot be reached. Check the connection.";
  }

  if (status === 429) {
    return retryAfter ? `Too many attempts. Try again in ${Math.ceil(retryAfter)} s.` : "Too many attempts. Try again later.";
  }

  if (status === 413) {
    return "That is larger than allowed.";
  }

  if (status === 415) {
    return "Files of this kind are not accepted.";
  }

  if (status === 507) {
    return "There is no room for more files. Please tell the operator of this service.";
  }

  if (status === 503) {
    return "The service is busy or starting. Try again in a moment.";
  }

  return detail ?? (error instanceof Error ? error.message : String(error));
}
