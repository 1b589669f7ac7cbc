// @ts-check

import { h } from "./dom.js";
import { partsOf } from "./links.js";

/**
 * Text with its web addresses as links. Everything stays text; only what parses as an http or https address becomes a link, and a page that it leads to learns nothing of this one.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function linkify(text) {
  return partsOf(text).map(({ text: shown, href }) => (href ? h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href }, shown) : shown));
}
