import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { createPlatform } = await load("platform.js");
const { LOOK, QUERY } = await load("orders.js");
const { LOOKED, SEEN } = await load("signals.js");

test("a look at the locks that a newer one has overtaken tells nothing, and keeps nobody waiting", async () => {
  const answers = [];
  const holders = () => new Promise((resolve) => answers.push(resolve));
  const told = [];
  const platform = createPlatform("s", { holders }, assert.fail, (...it) =>
    told.push(it),
  );
  platform[LOOK](0, 0);
  const older = platform[QUERY]();
  platform[LOOK](1, 7);
  const newer = platform[QUERY]();
  answers[1]([9]);
  await newer;
  assert.deepEqual(told, [[SEEN, 1, 7, 9], [LOOKED]]);
  answers[0]([9]);
  await older;
  assert.equal(told.length, 2);
});
