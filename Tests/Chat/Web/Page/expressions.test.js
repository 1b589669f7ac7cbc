// @ts-check

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertLinear, hostile } from "./linear.js";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Every script that runs in a reader's browser, ours alone: what is vendored is tried by what uses it. */
const folders = ["Chat/Web/Page", "Client/JavaScript/src", "Layouts/wwwroot"];

/** An expression, where one may stand: behind what no value ends with. */
const literal = /(?<=[(,=:?[!&|{};]\s*|return\s+)\/(?![/*])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/** Each of them many times, and then something else: what repeats one of them without a bound is found. */
const repeated = [...Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)), "\t", "\n", " ", "\u00a0", "é", "中", "😀"];

const expressions = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js") && !name.startsWith("vendor"))
    .flatMap((name) => {
      const path = join(root, folder, name);
      return [...readFileSync(path, "utf8").matchAll(literal)].map(([, source, flags]) => ({ file: relative(root, path), source, flags }));
    }));

test("expressions are found", () => assert.ok(expressions.length >= 5, JSON.stringify(expressions)));

for (const { file, source, flags } of expressions) {
  test(`/${source}/${flags} of ${file} takes time in proportion to a text's length`, () => {
    const expression = new RegExp(source, flags.includes("g") ? flags : flags + "g");
    const texts = [...Object.values(hostile), ...repeated.map((character) => (/** @type {number} */ length) => character.repeat(length / character.length) + "\u0001a")];
    for (const text of texts) {
      assertLinear((given) => given.replace(expression, ""), text);
    }
  });
}

test("only links.js makes expressions of strings", () => {
  const makers = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".js") && !name.startsWith("vendor"))
      .filter((name) => /\bRegExp\(/.test(readFileSync(join(root, folder, name), "utf8"))));
  assert.deepEqual(makers, ["links.js"]);
});
