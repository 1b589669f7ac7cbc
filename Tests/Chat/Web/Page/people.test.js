// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { People } from "../../../../Chat/Web/Page/model/people.js";

test("only who shares a name is told apart, by what is that person's alone", () => {
  const people = new People();
  people.know("u-1", "Ada Okafor", "ada");
  people.know("u-2", "Ines", "ines");
  assert.deepEqual([people.handleOf("u-1"), people.handleOf("u-2"), people.handleOf("u-9")], [null, null, null]);
  people.know("u-3", "ADA\u00a0Okafor ", "ada2");
  people.know("u-4-abcdefgh", "Ada Okafor");
  assert.deepEqual(["u-1", "u-3", "u-4-abcdefgh", "u-2"].map((user) => people.handleOf(user)), ["@ada", "@ada2", "#cdefgh", null]);
});

test("a name that changes is no longer shared", () => {
  const people = new People();
  people.know("u-1", "Ada", "ada");
  people.know("u-2", "Ada", "ada2");
  people.know("u-2", "Grace");
  assert.deepEqual([people.handleOf("u-1"), people.handleOf("u-2"), people.displayNameOf("u-2")], [null, null, "Grace"]);
  people.know("u-2", "Ada");
  assert.equal(people.handleOf("u-2"), "@ada2");
});

test("a removed user has no name left, is told apart by its id, and is offered nowhere", () => {
  const people = new People();
  people.know("u-1", "Ada", "ada");
  people.know("u-2", "Ada", "ada2");
  people.bury("u-2");
  assert.deepEqual([people.displayNameOf("u-2"), people.handleOf("u-2"), people.handleOf("u-1"), people.ids], ["Removed user", null, null, ["u-1"]]);
  people.bury("u-3-abcdefgh");
  assert.equal(people.handleOf("u-3-abcdefgh"), "#cdefgh");
  people.know("u-2", "Ada", "ada2");
  assert.deepEqual(people.ids, ["u-1", "u-2"]);
});
