// @ts-check

import { h } from "../dom.js";
import { hueOf, initialsOf } from "../format.js";

/**
 * A person's initials on a colour of their own.
 * @param {string} user
 * @param {string} name
 * @param {"active" | "away" | "offline"} [presence] Shown as a dot, with a text for screen readers.
 */
export function avatar(user, name, presence) {
  const element = h("span", { class: "avatar", "aria-hidden": "true" }, initialsOf(name), presence && h("i", { class: `dot ${presence}` }));
  element.style.setProperty("--hue", String(hueOf(user)));
  return element;
}
