import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./support.mjs";

for (const [numbers, file] of [
  ["signals.js", "api/signal.rs"],
  ["orders.js", "browser/order.rs"],
]) {
  test(`both sides mean the same by the numbers of ${numbers}`, async () => {
    const url = new URL(`../../src/${file}`, import.meta.url);
    const source = await readFile(url, "utf8");
    const known = source.matchAll(
      /^(?:pub(?:\(super\))? )?const (\w+): u32 = (\d+);/gm,
    );
    const expected = Object.fromEntries(
      [...known].map(([, name, number]) => [name, +number]),
    );
    assert.ok(Object.keys(expected).length > 10);
    assert.deepEqual(expected, { ...(await load(numbers)) });
    const distinct = new Set(Object.values(expected));
    assert.equal(distinct.size, Object.keys(expected).length);
  });
}
