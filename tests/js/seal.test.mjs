import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { read, seal, sealed } = await load("seal.js");
const { memory } = await load("memory.js");

const plain = () => ({
  version: 1,
  seq: 5,
  tokens: { refresh: { token: "r" } },
  attempts: [{ id: 1, answer: { status: 200, body: "ä" } }, { id: 2 }],
});

/** As IndexedDB has it: a text, and the key beside it. */
function storeWith(text, key = null) {
  return { getItems: async () => [text, key] };
}

test("where there is nothing, nothing is read", async () => {
  assert.equal(await read(memory(), "s"), null);
  assert.equal(
    await read(storeWith(null, (await seal(plain())).cryptoKey)),
    null,
  );
});

test("a plain record is read as it stands", async () => {
  const text = JSON.stringify(plain());
  const { cryptoKey } = await seal(plain());
  for (const key of [null, cryptoKey, "of somebody else"]) {
    const item = await read(storeWith(text, key), "s");
    assert.deepEqual(
      [item.text, item.version, item.record],
      [text, 1, plain()],
    );
    assert.equal(item.cryptoKey, key === cryptoKey ? key : undefined);
  }
});

test("a record is sealed under a key that cannot be taken out, and opened with it", async () => {
  const { text, cryptoKey } = await seal(plain());
  assert.ok(
    !text.includes('"r"') && !text.includes("ä") && !text.includes("200"),
  );
  assert.equal(cryptoKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", cryptoKey));
  const item = await read(storeWith(text, cryptoKey), "s");
  assert.deepEqual(item, { text, cryptoKey, version: 1, record: plain() });
});

test("a key is used again, and no two sealed records are alike", async () => {
  const { text, cryptoKey } = await seal(plain());
  const again = await seal(plain(), cryptoKey);
  assert.equal(again.cryptoKey, cryptoKey);
  assert.notEqual(again.text, text);
});

test("a record without secrets needs no key", async () => {
  const tombstone = { version: 1, seq: 6, ended: [{ lineage: 1 }] };
  assert.deepEqual(await seal({ ...tombstone }), {
    text: JSON.stringify(tombstone),
    cryptoKey: undefined,
  });
});

test("a long answer can be sealed", async () => {
  const body = "x".repeat(256 * 1024);
  const record = { attempts: [{ answer: { status: 200, body } }] };
  const { text, cryptoKey } = await seal(structuredClone(record));
  assert.deepEqual(
    (await read(storeWith(text, cryptoKey), "s")).record,
    record,
  );
});

test("without a key a secret stays plain", async () => {
  assert.deepEqual(await sealed({ status: 200 }), { status: 200 });
});

test("a record that cannot be opened is not taken for an empty one, and says its version", async () => {
  const { text } = await seal(plain());
  const { cryptoKey: another } = await seal(plain());
  for (const key of [another, null, "no key"]) {
    const { record, ...item } = await read(storeWith(text, key), "s");
    assert.deepEqual([record, item.text, item.version], [undefined, text, 1]);
  }
  const item = await read(storeWith("<html>"), "s");
  assert.deepEqual(
    [item.record, item.text, item.version],
    [undefined, "<html>", undefined],
  );
});
