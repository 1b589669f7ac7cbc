// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as sdk from "../realtime.js";
import { settle } from "./support/fake-clock.js";
import { FakeServer } from "./support/fake-server.js";

async function example() {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  return code.split("\n").filter((line) => line.trim() !== "");
}

test("the README's example has at most ten lines, and imports what there is", async () => {
  const lines = await example();
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
  const [, names, from] = /** @type {any} */ (/^import \{ (.*) \} from "(.*)";$/.exec(lines[0]));
  assert.equal(from, "./realtime.js");
  for (const name of names.split(", ")) {
    assert.ok(name in sdk, name);
  }
});

test("the README's example runs: it prints what is posted", async () => {
  const server = new FakeServer();
  const fakes = server.options();
  class ChatClient extends sdk.ChatClient {
    constructor(/** @type {any} */ options) {
      super({ ...options, ...fakes });
    }
  }

  /** @type {string[]} */
  const printed = [];
  const AsyncFunction = /** @type {any} */ (Object.getPrototypeOf(async () => undefined).constructor);
  const run = new AsyncFunction("ChatClient", "console", (await example()).slice(1).join("\n"));
  const running = run(ChatClient, { log: (/** @type {string} */ line) => printed.push(line) });
  const socket = await server.nextSocket();
  socket.welcome();
  assert.equal(server.callsOf("POST", "/v1/rooms/demo-welcome/messages")[0].body.text, "hello");
  await socket.subscribed(1);
  socket.messages("demo-welcome", 1);
  await settle();
  assert.deepEqual(printed, ["1 u: text 1"]);
  socket.say({ type: "unsubscribed", room: "demo-welcome", reason: "removed" });
  await assert.rejects(running, { name: "RealtimeError" });
});

test("the package offers its entry and nothing else", async () => {
  const { exports, type, dependencies, files } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  assert.deepEqual([exports, type, dependencies], [{ ".": "./realtime.js" }, "module", undefined]);
  assert.deepEqual(files, ["realtime.js", "src"]);
});
