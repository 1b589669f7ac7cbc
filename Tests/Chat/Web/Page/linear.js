// @ts-check

import assert from "node:assert/strict";

/** Lengths that are compared. The greater one is far beyond what a message may have, so that what grows with the square shows; the smaller one so long that its time can be read. */
const short = 4_000;
const times = 8;

/** Times more than the length may the time grow: between the 1 of what is linear and the 8 of what is quadratic. */
const tolerated = 3.5;

/** What takes less, whatever the length, is too short to be compared. In milliseconds of processor time, which other processes do not lengthen. */
const least = 4;

/** What takes that long in milliseconds needs no second measurement. */
const slow = 2_000;

/**
 * Texts that somebody writes to make readers' pages stop, of any length.
 * @type {Record<string, (length: number) => string>}
 */
export const hostile = {
  "dots, then closing brackets": (length) => "http://a" + ".".repeat(length / 2) + "b" + ")".repeat(length / 2),
  "closing brackets with dots": (length) => "http://a/" + repeated(")", length / 2) + repeated(".)", length / 2),
  "opening brackets": (length) => "http://a/" + "(".repeat(length),
  "nested brackets": (length) => "http://a/" + "(".repeat(length / 2) + ")".repeat(length / 2),
  "brackets of all kinds": (length) => "http://a/" + repeated("([{", length),
  "links that open a bracket": (length) => repeated("http://a/(", length),
  "links with pairs and one more": (length) => repeated("http://a/()()((", length),
  "links in brackets in links": (length) => repeated("http://a/[(http://b/", length),
  "dots": (length) => "http://a/" + ".".repeat(length),
  "dots and letters": (length) => "http://a/" + repeated(".x", length),
  "exclamation marks": (length) => "http://a/" + "!".repeat(length) + " ",
  "commas and question marks": (length) => "http://a/" + repeated(",?;", length),
  "marks of emphasis": (length) => "*http://a/" + "*".repeat(length),
  "colons": (length) => "http://a/" + ":".repeat(length),
  "dashes": (length) => "http://a/" + "-".repeat(length) + "'",
  "quotation marks": (length) => repeated("'http://a/'", length),
  "apostrophes": (length) => "'http://a/" + repeated("'a", length),
  "opening quotation marks": (length) => repeated("\"http://a/'a", length),
  "schemas": (length) => repeated("http:", length),
  "schemas with slashes": (length) => repeated("http://", length),
  "labels": (length) => "http://" + repeated("a.", length),
  "links with labels": (length) => repeated("http://a.a.a.a.", length),
  "hosts that fail at their end": (length) => repeated("http://" + repeated("a".repeat(62) + ".", 630) + "a_", length),
  "one label": (length) => "http://" + "a".repeat(length) + "_",
  "labels of dashes": (length) => repeated("http://a" + "-".repeat(60), length),
  "labels of two scripts": (length) => repeated("http://a中a中.com中", length),
  "another script": (length) => repeated("http://中文", length),
  "names and passwords": (length) => repeated("http://a:b@", length),
  "addresses of version 6": (length) => repeated("http://[::1", length),
  "pictograms": (length) => "http://a/" + repeated("😀", length),
  "halves of characters": (length) => "http://a/" + repeated("\ud83d", length),
  "blanks": (length) => " ".repeat(length) + "x",
  "lines": (length) => "\n".repeat(length) + "x",
  "words": (length) => repeated("word ", length),
};

/**
 * Fails when the time that the work takes grows faster than the text.
 * @param {(text: string) => unknown} work
 * @param {(length: number) => string} shape
 */
export function assertLinear(work, shape) {
  const [small, great] = [shape(short), shape(short * times)];
  work(small); // Compiled, and its expressions made.
  if (timeOf(() => work(great), 1) >= least) {
    const [one, other] = [timeOf(() => work(small), 5), timeOf(() => work(great), 5)];
    assert.ok(other < one * times * tolerated, `${small.length} characters took ${one.toFixed(2)} ms, ${great.length} took ${other.toFixed(2)} ms.`);
  }
}

/**
 * The shortest of some runs: what others do at the same time only lengthens one.
 * @param {() => unknown} work
 * @param {number} runs
 */
function timeOf(work, runs) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  const time = (user + system) / 1_000;
  return runs > 1 && time < slow ? Math.min(time, timeOf(work, runs - 1)) : time;
}

/**
 * @param {string} text
 * @param {number} length
 */
function repeated(text, length) {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}
