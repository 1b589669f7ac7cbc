// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { People } from "../../../../Chat/Web/Page/model/people.js";
import { Strangers } from "../../../../Chat/Web/Page/model/strangers.js";

/** @param {Record<string, any>} users */
function companyOf(users) {
  /** @type {string[]} */
  const asked = [];
  let [now, most, found] = [0, 0, 0];
  const people = new People();
  const client = {
    account: {
      user: async (/** @type {string} */ id) => {
        asked.push(id);
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
        if (!users[id]) {
          throw new Error("away");
        }

        return users[id];
      },
    },
  };
  const strangers = new Strangers(/** @type {any} */ (client), people, () => found++);
  const settled = async () => {
    do {
      await new Promise(setImmediate);
    } while (now > 0);
  };
  return { asked, people, strangers, settled, most: () => most, found: () => found };
}

test("whoever left is named, whoever was removed is a removed user, and each is asked for once", async () => {
  const { asked, people, strangers, settled, found } = companyOf({
    left: { id: "left", displayName: "Ines", username: "ines" },
    gone: { id: "gone", displayName: "Removed user", username: "", status: "removed" },
  });
  for (const id of ["left", "gone", "left", "gone"]) {
    strangers.ask(id);
  }

  await settled();
  strangers.ask("left");
  assert.deepEqual(asked, ["left", "gone"]);
  assert.deepEqual([people.displayNameOf("left"), people.displayNameOf("gone"), people.ids, found()], ["Ines", "Removed user", ["left"], 2]);
});

test("a few are asked for at once, and one that could not be asked for is asked for again", async () => {
  const { asked, people, strangers, settled, most } = companyOf(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`u${i}`, { displayName: `U${i}` }])));
  for (let i = 0; i < 30; i++) {
    strangers.ask(`u${i}`);
  }

  strangers.ask("lost");
  await settled();
  assert.equal(most(), 4);
  assert.equal(people.ids.length, 30);
  strangers.ask("lost");
  await settled();
  assert.equal(asked.filter((id) => id === "lost").length, 2);
});
