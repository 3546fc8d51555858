import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./support.mjs";

test("the engine knows every signal by the number that is sent", async () => {
  const url = new URL("../../src/api/signal.rs", import.meta.url);
  const source = await readFile(url, "utf8");
  const known = source.matchAll(
    /^(?:pub\(super\) )?const (\w+): u32 = (\d+);/gm,
  );
  assert.deepEqual(
    Object.fromEntries([...known].map(([, name, number]) => [name, +number])),
    { ...(await load("signals.js")) },
  );
});
