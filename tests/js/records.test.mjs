import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { openRecords } = await load("records.js");
const { memory } = await load("memory.js");
const { READ, WRITE } = await load("orders.js");
const signals = await load("signals.js");

/** What the engine is told of a key: an array that grows. It takes what is found for a record. */
function open(store, takes = true) {
  const told = [];
  const causes = {};
  const name = (what) =>
    Object.keys(signals).find((it) => signals[it] === what);
  const records = openRecords(store, "key", causes, (what, ...rest) => {
    told.push([name(what), ...rest]);
    return takes;
  });
  return {
    read: records[READ],
    write: records[WRITE],
    causes,
    told,
  };
}

const text = (lineage, seq) => JSON.stringify({ lineage, seq });
const write = ({ lineage, seq }, text) => [
  JSON.parse(text),
  true,
  lineage,
  seq,
];

async function storeWith(text) {
  const store = memory();
  await store.compareAndSwap("key", null, text);
  return store;
}

test("what is written can be read and replaced", async () => {
  const store = memory();
  const { read, write: swap, told } = open(store);
  await read(0);
  await swap(7, 0, write({}, text(3, 1)));
  await swap(7, 0, write({ lineage: 3, seq: 1 }, text(3, 2)));
  await read(9);
  assert.deepEqual(told, [
    ["MISSING", 0],
    ["WRITTEN", 7],
    ["WRITTEN", 7],
    ["FOUND", 9, 0, { lineage: 3, seq: 2 }],
  ]);
});

test("a record without a lineage can be replaced", async () => {
  const store = await storeWith(text(undefined, 5));
  const { read, write: swap, told } = open(store);
  await read(0);
  await swap(0, 0, write({ seq: 5 }, text(3, 6)));
  assert.equal(told[1][0], "WRITTEN");
});

test("what a later version wrote and only it can read is not replaced", async () => {
  const iv = "AAAA";
  for (const record of [
    { version: 2, seq: 5, lineage: "a name" },
    { version: 2, seq: 5, lineage: 3, tokens: { iv, ciphertext: "AAAA" } },
  ]) {
    const store = await storeWith(JSON.stringify(record));
    const { read, write: swap, told, causes } = open(store, false);
    await read(7);
    assert.match(causes.storage.message, /later version/);
    await swap(7, 0, write({}, text(3, 1)));
    assert.deepEqual(told.slice(-2), [
      ["UNREAD", 7],
      ["LOST", 7],
    ]);
    assert.deepEqual(JSON.parse(await store.getItem("key")), record);
  }
});

test("what another tab has replaced is not overwritten", async () => {
  const store = await storeWith(text(3, 1));
  const [one, other] = [open(store), open(store)];
  await one.read(0);
  await other.read(0);
  await other.write(0, 0, write({ lineage: 3, seq: 1 }, text(3, 10)));
  await one.write(0, 0, write({ lineage: 3, seq: 1 }, text(3, 2)));
  await one.write(0, 0, write({}, text(3, 2)));
  assert.deepEqual(one.told.slice(1), [
    ["LOST", 0],
    ["LOST", 0],
  ]);
  assert.equal(await store.getItem("key"), text(3, 10));
});

test("a text that differs without a new seq counts as replaced", async () => {
  const store = await storeWith(text(3, 1));
  const { read, write: swap, told } = open(store);
  await read(0);
  await store.compareAndSwap("key", text(3, 1), `${text(3, 1)} `);
  await swap(0, 0, write({ lineage: 3, seq: 1 }, text(3, 2)));
  assert.equal(told[1][0], "LOST");
});

test("what was never read is not replaced", async () => {
  const { write: swap, told } = open(await storeWith(text(3, 1)));
  await swap(0, 0, write({ lineage: 3, seq: 1 }, text(3, 2)));
  assert.deepEqual(told, [["LOST", 0]]);
});

test("the texts of the last four reads and writes are known", async () => {
  const store = memory();
  const { write: swap, told } = open(store);
  await swap(0, 0, write({}, text(3, 1)));
  for (let seq = 1; seq < 5; seq++) {
    await swap(0, 0, write({ lineage: 3, seq }, text(3, seq + 1)));
  }
  for (const seq of [1, 2]) {
    await store.compareAndSwap("key", text(3, 5), text(3, seq));
    await swap(0, 0, write({ lineage: 3, seq }, text(3, 5)));
    await store.compareAndSwap("key", text(3, seq), text(3, 5));
  }
  assert.deepEqual(
    told.map(([what]) => what),
    [...Array(5).fill("WRITTEN"), "LOST", "WRITTEN"],
  );
});

test("what is beyond reading may be replaced as if nothing stood there", async () => {
  for (const it of ["", "<html>", "{}", "[1]", "null", text(3, 1)]) {
    const heard = [];
    for (const takes of [true, false]) {
      const store = await storeWith(it);
      const { read, write: swap, told } = open(store, takes);
      await read(9);
      await swap(0, 0, write({}, text(3, 2)));
      heard.push(told.map(([what, purpose]) => [what, purpose]));
    }
    assert.deepEqual(
      heard,
      [
        [
          ["FOUND", 9],
          ["LOST", 0],
        ],
        [
          ["FOUND", 9],
          ["UNREADABLE", 9],
          ["WRITTEN", 0],
        ],
      ],
      it,
    );
  }
});

test("what was beyond reading and is gone is not expected any more", async () => {
  const store = await storeWith("<html>");
  const { read, write: swap, told } = open(store, false);
  await read(0);
  const items = { gone: true };
  const getItem = store.getItem;
  store.getItem = async () => (items.gone ? null : getItem("key"));
  await read(0);
  await swap(0, 0, write({}, text(3, 2)));
  assert.deepEqual(
    told.map(([what]) => what),
    ["FOUND", "UNREADABLE", "MISSING", "LOST"],
  );
});

test("a store that fails says so, and its exception is kept until it works", async () => {
  const gone = new Error("the disk is gone");
  let fails = true;
  const store = memory();
  const answer =
    (method) =>
    async (...args) => {
      if (fails) throw gone;
      return store[method](...args);
    };
  const {
    read,
    write: swap,
    causes,
    told,
  } = open({
    getItem: answer("getItem"),
    compareAndSwap: answer("compareAndSwap"),
  });
  await read(0);
  assert.equal(causes.storage, gone);
  await swap(7, 0, write({}, text(3, 1)));
  assert.equal(causes.storage, gone);
  fails = false;
  await read(0);
  assert.equal(causes.storage, undefined);
  assert.deepEqual(told, [
    ["UNREAD", 0],
    ["UNWRITTEN", 7],
    ["MISSING", 0],
  ]);
});

test("what cannot be made a text is not written, and whoever waits hears of it", async () => {
  const { write: swap, causes, told } = open(memory());
  let deep = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  await swap(7, 0, [{ lineage: 3, seq: 1, deep }, true]);
  assert.deepEqual(told, [["UNWRITTEN", 7]]);
  assert.ok(causes.storage instanceof RangeError);
});

test("what has no text for its lineage and seq is beyond reading", async () => {
  for (const member of ["lineage", "seq"]) {
    const odd = { lineage: 3, seq: 1, [member]: { toString: 1, valueOf: 1 } };
    const store = await storeWith(JSON.stringify(odd));
    const { read, write: swap, told } = open(store, false);
    await read(7);
    await swap(7, 0, write({}, text(3, 2)));
    assert.deepEqual(
      told.map(([what]) => what),
      ["FOUND", "UNREADABLE", "WRITTEN"],
    );
    assert.equal(told[0].at(-1), undefined);
  }
});

/** As IndexedDB has it: items that are written together, keys among them. */
function database() {
  const items = new Map();
  const getItems = async (...keys) => keys.map((key) => items.get(key) ?? null);
  return {
    items,
    getItems,
    getItem: async (key) => (await getItems(key))[0],
    async compareAndSwap(key, expected, value, _, others) {
      if ((items.get(key) ?? null) !== expected) return false;
      for (const item of Object.entries({ [key]: value, ...others })) {
        items.set(...item);
      }
      return true;
    },
  };
}

const secret = (seq) => ({ lineage: 3, seq, tokens: { access: `t${seq}` } });

test("in a database that can hold a key, tokens are sealed under one, and read by all", async () => {
  const store = database();
  const [one, other] = [open(store), open(store)];
  await one.read(0);
  await one.write(1, 0, [secret(1), true]);
  const key = store.items.get("key:key");
  assert(!store.items.get("key").includes("t1"));
  await other.read(2);
  await other.write(3, 0, [secret(2), true, 3, 1]);
  assert.equal(store.items.get("key:key"), key);
  await one.read(4);
  assert.deepEqual(one.told.at(-1), ["FOUND", 4, 0, secret(2)]);
});

test("a plain record of a version before is read, and sealed by the next write", async () => {
  const store = database();
  store.items.set("key", JSON.stringify(secret(1)));
  const { read, write: swap, told } = open(store);
  await read(0);
  assert.deepEqual(told, [["FOUND", 0, 0, secret(1)]]);
  await swap(1, 0, [secret(2), true, 3, 1]);
  assert(!store.items.get("key").includes("t2"));
  await read(2);
  assert.deepEqual(told.at(-1), ["FOUND", 2, 0, secret(2)]);
});

test("a record whose key is gone can be replaced, under a new key", async () => {
  const store = database();
  const { read, write: swap, told } = open(store, false);
  await read(0);
  await swap(0, 0, [secret(1), true]);
  const before = store.items.get("key:key");
  store.items.delete("key:key");
  await read(1);
  assert.equal(told.at(-1)[0], "UNREADABLE");
  await swap(2, 0, [secret(2), true]);
  assert.equal(told.at(-1)[0], "WRITTEN");
  assert.notEqual(store.items.get("key:key") ?? before, before);
});

test("of two that begin a record at once, one loses its swap and leaves the other's key alone", async () => {
  const store = database();
  const [one, other] = [open(store), open(store)];
  await Promise.all([one.read(0), other.read(0)]);
  await Promise.all([
    one.write(1, 0, [secret(1), true]),
    other.write(1, 0, [secret(2), true]),
  ]);
  const ends = [one.told.at(-1)[0], other.told.at(-1)[0]];
  assert.deepEqual(ends.sort(), ["LOST", "WRITTEN"]);
  await one.read(2);
  assert.equal(one.told.at(-1)[0], "FOUND");
  assert(one.told.at(-1).at(-1).tokens.access);
});
