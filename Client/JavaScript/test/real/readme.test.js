// @ts-check

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ChatClient } from "../../realtime.js";
import { WebSocketClient } from "../support/ws-client.js";

const [session, chat, fileman, realtime] = ["SESSION_URL", "CHAT_URL", "FILEMAN_URL", "REALTIME_URL"].map((name) => {
  const address = process.env[name];
  assert.ok(address, `${name} is not set.`);
  return address;
});

test("the README's example, saved as a file and run by Node, prints what it posts", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const printed = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const ada = new ChatClient({ session, chat, fileman, realtime, WebSocket: WebSocketClient });
  await ada.signUp({ tenant: "demo", name: "Demo", admin: { username: "ada", password: "open sesame, please", displayName: "Ada" } });
  await ada.rooms.create({ id: "demo-welcome", name: "Welcome", visibility: "public" });

  // Nothing but the addresses differs: these services have ports of their own.
  const addresses = /^const \[session, chat, fileman, realtime\] = .*;$/m;
  assert.match(printed, addresses);
  const code = printed.replace(addresses, `const [session, chat, fileman, realtime] = ${JSON.stringify([session, chat, fileman, realtime])};`);
  const folder = await mkdtemp(join(tmpdir(), "example-"));
  try {
    for (const name of ["realtime.js", "package.json"]) {
      await symlink(fileURLToPath(new URL(`../../${name}`, import.meta.url)), join(folder, name));
    }

    await writeFile(join(folder, "example.js"), code);
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const example = spawn(process.execPath, ["example.js"], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "inherit"] });
    try {
      for await (const line of createInterface(example.stdout)) {
        assert.equal(line, `1 ${ada.user?.id}: hello`);
        return;
      }

      assert.fail("It printed nothing.");
    } finally {
      example.kill("SIGKILL");
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
