import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { customStore } = await load("custom-store.js");

test("a store may answer at once or later", async () => {
  for (const wrap of [(it) => it, async (it) => it]) {
    const items = new Map([["key", "value"]]);
    const store = customStore({
      getItem: (key) => wrap(items.get(key) ?? null),
      compareAndSwap: (key, expected, value) =>
        wrap((items.get(key) ?? null) === expected && !!items.set(key, value)),
    });
    assert.equal(await store.getItem("key"), "value");
    assert.equal(await store.getItem("other"), null);
    assert.equal(await store.compareAndSwap("other", null, "new"), true);
    assert.equal(await store.compareAndSwap("key", "old", "new"), false);
  }
});

test("it keeps its `this`", async () => {
  class Store {
    #item = "value";
    getItem() {
      return this.#item;
    }
    compareAndSwap() {
      return this.#item === "value";
    }
  }
  const store = customStore(new Store());
  assert.equal(await store.getItem("key"), "value");
  assert.equal(await store.compareAndSwap("key", null, ""), true);
});

test("what breaks the contract is a failure that says which part", async () => {
  for (const bad of [undefined, 7, {}, true]) {
    const store = customStore({ getItem: () => bad });
    await assert.rejects(store.getItem("key"), /getItem.*string/);
  }
  for (const bad of [undefined, null, 1, "true"]) {
    const store = customStore({ compareAndSwap: () => bad });
    await assert.rejects(
      store.compareAndSwap("key", null, ""),
      /compareAndSwap.*boolean/,
    );
  }
});

test("what it throws, at once or later, is what the call rejects with", async () => {
  const gone = new Error("the disk is gone");
  const fail = () => {
    throw gone;
  };
  for (const broken of [fail, async () => fail()]) {
    const store = customStore({ getItem: broken, compareAndSwap: broken });
    await assert.rejects(store.getItem("key"), gone);
    await assert.rejects(store.compareAndSwap("key", null, ""), gone);
  }
});
