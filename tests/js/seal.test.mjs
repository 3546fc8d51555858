import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { read } = await load("seal.js");
const { memory } = await load("memory.js");

const plain = {
  version: 1,
  seq: 5,
  tokens: { refresh: { token: "r" } },
  attempts: [{ id: 1, answer: { status: 200, body: "ä" } }, { id: 2 }],
};

function newKey() {
  const algorithm = { name: "AES-GCM", length: 256 };
  return crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
}

async function seal(value, key) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const ciphertext = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    key,
    bytes,
  );
  const base64 = (it) => Buffer.from(it).toString("base64");
  return { iv: base64(iv), ciphertext: base64(ciphertext) };
}

async function storeWith(record, key) {
  const store = memory();
  await store.compareAndSwap("s", null, record);
  await store.compareAndSwap("s:key", null, key);
  return store;
}

async function sealed(key) {
  const [attempt, ...others] = plain.attempts;
  return JSON.stringify({
    ...plain,
    tokens: await seal(plain.tokens, key),
    attempts: [
      { ...attempt, answer: await seal(attempt.answer, key) },
      ...others,
    ],
  });
}

test("where there is nothing, nothing is read", async () => {
  assert.equal(await read(memory(), "s"), null);
});

test("a plain record is read as it stands", async () => {
  const text = JSON.stringify(plain);
  assert.deepEqual(await read(await storeWith(text), "s"), {
    text,
    version: 1,
    record: plain,
  });
});

test("a sealed record is opened with the key beside it", async () => {
  const key = await newKey();
  const text = await sealed(key);
  assert.ok(!text.includes('"r"'));
  assert.deepEqual(await read(await storeWith(text, key), "s"), {
    text,
    version: 1,
    record: plain,
  });
});

test("a record that cannot be opened is not taken for an empty one, and says its version", async () => {
  const text = await sealed(await newKey());
  for (const key of [await newKey(), null]) {
    assert.deepEqual(await read(await storeWith(text, key), "s"), {
      text,
      version: 1,
    });
  }
  assert.deepEqual(await read(await storeWith("<html>"), "s"), {
    text: "<html>",
    version: undefined,
  });
});
