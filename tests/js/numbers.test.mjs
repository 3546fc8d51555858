import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./support.mjs";

for (const [numbers, file] of [
  ["signals.js", "api/signal.rs"],
  ["orders.js", "browser/order.rs"],
  ["flows.js", "api/flow.rs"],
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

test("both sides name the locks in the same order", async () => {
  const source = (file) => readFile(new URL(file, import.meta.url), "utf8");
  const [, engine] = (await source("../../src/session/io.rs")).match(
    /enum LockKind \{([^}]*)\}/,
  );
  const [, page] = (await source("../../js/platform.js")).match(
    /const LOCKS = \[([^\]]*)\]/,
  );
  const kinds = [...engine.matchAll(/^ {4}(\w+),$/gm)].map(([, it]) => it);
  const names = [...page.matchAll(/"(\w+)"/g)].map(([, it]) => it);
  assert.ok(names.length > 2);
  assert.deepEqual(
    names,
    kinds.map((it) => it.toLowerCase()),
  );
});
