// @ts-check

import { LinkifyIt, REBuilder } from "./vendor/linkify-it.js";

/** Longest link in characters. A longer address is cut here: beyond it lies no address that a person wrote, and every step of the search stays bounded. */
const longest = 2_048;

/** A quotation mark that comes before a link also ends it, so that the next one in a list is a link of its own. */
const quotes = "\"'`";

/** Marks of emphasis and of tables, as some people write them: the same before a link and at its end belongs to neither. */
const emphasis = "*_~|";

/** Characters that end a sentence and are not part of an address, whatever follows. */
const ends = ".,;:!?";

/**
 * Where addresses begin and end. linkify-it knows most of it; what it lacks are texts in scripts that put no spaces between words, where an address
 * directly follows letters.
 *
 * Each expression is a bounded number of steps for each place in the text where it is tried.
 */
class Rules extends REBuilder {
  /** Besides its own: what has no width, and what turns the direction of text, by which an address would look like another one. */
  get_text_separators() {
    return (this.cache.text_separators ??= /[><\uff5c\u00ad\u200b\u2028-\u202e\u2060-\u2069\ufeff]/);
  }

  /** Anything but an ASCII letter or digit may precede an address, and an underscore if it opens emphasis. */
  get_schema_search() {
    return (this.cache.schema_search ??= new RegExp(`((?:^|[^a-z0-9])_|^|[^a-z0-9_])(${this.get_schema_names().source})`, "ig"));
  }

  /** Underscores are no part of a host's name by the book, but hosts have them. */
  get_domain() {
    const letter = this.get_pseudo_letter().source;
    return (this.cache.src_domain ??= new RegExp(`(?:${this.get_xn().source}|${letter}(?:(?:[-_]|${letter}){0,61}${letter})?)`));
  }

  /**
   * A host ends where ASCII goes over into another script within its last label: no name ends like that. Before the last label names do mix scripts, so there a known ending has to come first.
   * Otherwise "example.com" next to Chinese text would lead to a host that somebody else may own.
   */
  get_url_host_port() {
    if (this.cache.url_host_port) {
      return this.cache.url_host_port;
    }

    const domain = this.get_domain().source;
    const letter = this.get_pseudo_letter().source;
    const foreign = `(?=[^\\u0000-\\u007f])(?=${letter})`;
    const last = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    return (this.cache.url_host_port = new RegExp(
      `(?:(?:${domain}\\.){1,10}(?:${this.get_tld().source})${foreign}` +
        `|(?:${domain}\\.){0,10}${last}${foreign}(?!(?:-|${letter}){1,63}\\.${letter})` +
        `|(?:${this.get_ipv6_url_host().source}|(?:${domain}\\.){0,10}${domain}):\\d{1,5}${foreign}` +
        `|${super.get_url_host_port().source})`,
    ));
  }

  /** Characters within names in copied addresses: "Hatfield–McCoy", "Hobson’s", "史蒂夫·乔布斯". */
  get_path_extra() {
    return (this.cache.src_path_extra ??= new RegExp(`[\\u2010\\u2011\\u2013\\u2019](?=[a-z0-9\\u00c0-\\u024f])|[\\u00b7\\u30fb](?=${this.get_pseudo_letter().source})|`));
  }
}

const finder = new LinkifyIt({ rebuilder: new Rules(), fuzzyLink: false, fuzzyEmail: false, urlAuth: true, maxLength: longest });
for (const schema of ["ftp:", "//", "mailto:"]) {
  finder.add(schema, null);
}

for (const schema of ["http:", "https:"]) {
  finder.add(schema, { validate: (text, position) => tailOf(text, position - schema.length, position) });
}

/**
 * @typedef {object} Part
 * @property {string} text
 * @property {string} [href] Where it is a link: an http or https address.
 */

/**
 * Splits a text into parts, some of which are web addresses. The parts joined are the text. Takes time linear in the text's length.
 * @param {string} text
 * @returns {Part[]}
 */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  for (const { index, lastIndex } of finder.match(text) ?? []) {
    const link = text.slice(index, lastIndex);
    const href = hrefOf(link);
    if (href) {
      parts.push({ text: text.slice(at, index) }, { text: link, href });
      at = lastIndex;
    }
  }

  parts.push({ text: text.slice(at) });
  return parts.filter((part) => part.text !== "");
}

/**
 * Length of the address behind its schema.
 * @param {string} text
 * @param {number} start
 * @param {number} position Behind the schema.
 */
function tailOf(text, start, position) {
  const before = start > 0 ? text[start - 1] : "";
  const validator = finder.re.get_http_validator();
  validator.lastIndex = position;
  const [found = ""] = validator.exec(text.slice(0, endOf(text, start, position, before))) ?? [];
  const isEmphasis = before !== "" && emphasis.includes(before);
  let length = found.length - (endsInHalf(found) ? 1 : 0);
  while (length > 0 && (ends.includes(found[length - 1]) || (isEmphasis && found[length - 1] === before))) {
    length--;
  }

  return length;
}

/**
 * Where the address must end at the latest.
 * @param {string} text
 * @param {number} start
 * @param {number} position
 * @param {string} before
 */
function endOf(text, start, position, before) {
  const end = Math.min(text.length, start + longest);
  if (before === "" || !quotes.includes(before)) {
    return end;
  }

  for (let at = text.indexOf(before, position); at >= 0 && at < end; at = text.indexOf(before, at + 1)) {
    if (before !== "'" || !/[a-z0-9]/i.test(text[at + 1] ?? "")) {
      return at; // But the apostrophe in "Hobson's" ends nothing.
    }
  }

  return end;
}

/**
 * Whether a character was cut in two at the end.
 * @param {string} text
 */
function endsInHalf(text) {
  const unit = text.charCodeAt(text.length - 1);
  return unit >= 0xd800 && unit < 0xdc00;
}

/** @param {string} link */
function hrefOf(link) {
  const url = URL.canParse(link) ? new URL(link) : null;
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url.href : null;
}
