// @ts-check

import { h } from "./dom.js";

const address = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f]+/gi;
const trailing = /[.,;:!?*_~]+$/;

/**
 * Text with its web addresses as links. Everything stays text; only what parses as an http or https address becomes a link, and a page that it leads to learns nothing of this one.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function linkify(text) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(address)) {
    const shown = withoutTail(match[0]);
    const url = parse(shown);
    if (!url) {
      continue;
    }

    parts.push(text.slice(at, match.index));
    parts.push(h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href }, shown));
    at = match.index + shown.length;
  }

  parts.push(text.slice(at));
  return parts.filter((part) => part !== "");
}

/**
 * What ends a sentence is no part of the address, nor is a bracket that was opened before it.
 * @param {string} found
 */
function withoutTail(found) {
  let text = found.replace(trailing, "");
  for (const [open, close] of ["()", "[]", "{}"]) {
    while (text.endsWith(close) && count(text, close) > count(text, open)) {
      text = text.slice(0, -1).replace(trailing, "");
    }
  }

  return text;
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  return text.split(character).length - 1;
}

/** @param {string} text */
function parse(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : null;
}
