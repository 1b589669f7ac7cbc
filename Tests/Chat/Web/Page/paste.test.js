// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { cutAt, isWritten } from "../../../../Chat/Web/Page/paste.js";

/** @param {Record<string, string>} content */
function clipboard(content) {
  return { types: [...Object.keys(content), "Files"], getData: (/** @type {string} */ type) => content[type] ?? "" };
}

test("what was copied in a spreadsheet or a word processor is writing, though a picture comes with it", () => {
  assert.ok(isWritten(clipboard({ "text/plain": "a\tb", "text/html": "<table>" })));
  assert.ok(isWritten(clipboard({ "text/plain": "words", "text/rtf": "{\\rtf1}" })));
});

test("pictures and files are none", () => {
  assert.ok(!isWritten(null));
  assert.ok(!isWritten(clipboard({})));
  assert.ok(!isWritten(clipboard({ "text/html": "<img src=x>" })));
  assert.ok(!isWritten(clipboard({ "text/plain": " ", "text/html": "<img src=x>" })));
  assert.ok(!isWritten(clipboard({ "text/plain": "report.pdf" })));
});

test("a cut leaves no half of a character", () => {
  assert.equal(cutAt("a😀b", 2), "a");
  assert.equal(cutAt("a😀b", 3), "a😀");
  assert.equal(cutAt("abc", 3), "abc");
  assert.equal(cutAt("abc", 0), "");
  assert.equal(cutAt("abc", -1), "");
});
