import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { load } from "./support.mjs";

const { openLeases } = await load("leases.js");
const { memory } = await load("memory.js");

/** Tabs over one store, and what happened to each, as `tab:what`. */
function world(tabs, store = memory()) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const heard = [];
  const all = Array.from({ length: tabs }, (_, tab) => {
    const leases = openLeases(store, "locks");
    const on = (what) => () => heard.push(`${tab}:${what}`);
    return {
      ...leases,
      request: (name) => leases.request(name, on("granted"), on("robbed")),
      steal: (name) => leases.request(name, on("granted"), on("robbed"), true),
    };
  });
  return { heard, store, tabs: all };
}

/** Lets timers fire, and all that follows from each. */
async function pass(seconds = 0) {
  await settle();
  for (let i = 0; i < seconds; i++) {
    mock.timers.tick(1000);
    await settle();
  }
}

async function settle() {
  for (let i = 0; i < 50; i++) await null;
}

test.afterEach(() => mock.timers.reset());

test("a free lock is granted, a held one when it is let go", async () => {
  const { heard, tabs } = world(2);
  tabs[0].request("family");
  await pass();
  tabs[1].request("family");
  await pass(30);
  assert.deepEqual(heard, ["0:granted"], "its holder beats");
  tabs[0].release("family");
  await pass(2);
  assert.deepEqual(heard, ["0:granted", "1:granted"]);
});

test("locks of other names are others", async () => {
  const { heard, tabs } = world(2);
  tabs[0].request("family");
  tabs[1].request("attempt:7");
  await pass();
  assert.deepEqual(heard, ["0:granted", "1:granted"]);
});

test("a holder that has died is given up after ten looks, and not before", async () => {
  const { heard, store, tabs } = world(1);
  const dead = { family: { holder: 7, beat: 3 } };
  await store.compareAndSwap("locks", null, JSON.stringify(dead));
  tabs[0].request("family");
  await pass(9);
  assert.deepEqual(heard, []);
  await pass(2);
  assert.deepEqual(heard, ["0:granted"]);
});

test("what is stolen is the thief's, and its holder hears of it", async () => {
  const { heard, tabs } = world(2);
  tabs[0].request("family");
  await pass();
  tabs[1].steal("family");
  await pass(2);
  assert.deepEqual(heard, ["0:granted", "1:granted", "0:robbed"]);
  tabs[0].release("family");
  await pass(2);
  assert.equal((await seen(tabs[0], "family")) > 1, true, "still held");
});

test("a holder is seen by a number of its own, nobody by 0", async () => {
  const { tabs } = world(2);
  tabs[0].request("a");
  tabs[1].request("b");
  await pass();
  const [a, b, none] = await tabs[0].holders(["a", "b", "c"]);
  assert(a > 1 && b > 1 && a !== b);
  assert.equal(none, 0);
});

test("a request that was let go is not granted, and one made anew is, once", async () => {
  const { heard, tabs } = world(2);
  tabs[0].request("family");
  await pass();
  tabs[1].request("family");
  await pass(1);
  tabs[1].release("family");
  tabs[1].request("family");
  await pass(1);
  tabs[0].release("family");
  await pass(3);
  assert.deepEqual(heard, ["0:granted", "1:granted"]);
});

test("a request that is let go while it is granted leaves nothing behind", async () => {
  const { heard, tabs } = world(1);
  tabs[0].request("family");
  tabs[0].release("family");
  await pass(2);
  assert.deepEqual(heard, []);
  assert.equal(await seen(tabs[0], "family"), 0);
});

test("closing lets all go, and no timer stays", async () => {
  const { tabs } = world(1);
  tabs[0].request("a");
  tabs[0].request("b");
  await pass(1);
  tabs[0].close();
  await pass(2);
  assert.deepEqual(await tabs[0].holders(["a", "b"]), [0, 0]);
});

test("a store that fails refuses nobody, and garbage in it is no lease", async () => {
  const fails = async () => {
    throw new Error("the disk is gone");
  };
  const broken = world(1, { getItem: fails, compareAndSwap: fails });
  broken.tabs[0].request("family");
  await pass();
  assert.deepEqual(broken.heard, ["0:granted"]);
  mock.timers.reset();
  for (const text of ["", "<html>", "7", "null"]) {
    const { heard, store, tabs } = world(1);
    await store.compareAndSwap("locks", null, text);
    tabs[0].request("family");
    await pass();
    assert.deepEqual(heard, ["0:granted"], text);
    mock.timers.reset();
  }
});

async function seen(tab, name) {
  const [holder] = await tab.holders([name]);
  return holder;
}
