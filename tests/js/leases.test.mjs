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

test("what dead pages held, nobody holds after a while, though nobody asks for it; what beats once in a minute stays", async () => {
  const { heard, store, tabs } = world(1);
  const dead = { holder: 7, beat: 3 };
  const left = { "unsaved:5": dead, "attempt:1": dead, garbage: null };
  const sleepy = (beat) => ({ sleepy: { holder: 8, beat } });
  await store.compareAndSwap("locks", null, JSON.stringify(left));
  tabs[0].request("family");
  for (let minute = 0; minute < 3; minute++) {
    const text = await store.getItem("locks");
    const beaten = { ...JSON.parse(text), ...sleepy(minute) };
    await store.compareAndSwap("locks", text, JSON.stringify(beaten));
    await pass(60);
    if (minute) continue;
    const held = await tabs[0].holders(Object.keys(left));
    assert.deepEqual(held, [7, 7, 0]);
  }
  assert.deepEqual(heard, ["0:granted"]);
  const names = Object.keys(JSON.parse(await store.getItem("locks")));
  assert.deepEqual(names.sort(), ["family", "sleepy"]);
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

test("closing lets all go but what is kept, and no timer stays", async () => {
  const { tabs } = world(2);
  tabs[0].request("a");
  tabs[0].request("b");
  await pass(1);
  tabs[0].close(["b"]);
  tabs[1].request("b");
  await pass(20);
  const [a, b] = await tabs[0].holders(["a", "b"]);
  assert.equal(a, 0);
  assert(b > 0 && b === (await seen(tabs[1], "b")), "it goes on saying so");
  tabs[0].close();
  await pass(2);
  assert.equal((await tabs[1].holders(["b"]))[0] !== b, true);
  tabs[1].close();
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

test("a store that fails for a while takes nothing from a holder, and says nothing of who holds what", async () => {
  const store = memory();
  let fails = false;
  const flaky = {
    ...store,
    async getItem(key) {
      if (fails) throw new Error("the disk is gone");
      return store.getItem(key);
    },
  };
  const { heard, tabs } = world(2, flaky);
  tabs[0].request("family");
  await pass();
  fails = true;
  await pass(3);
  assert.equal(await tabs[1].holders(["family"]), undefined);
  fails = false;
  tabs[1].request("family");
  await pass(30);
  assert.deepEqual(heard, ["0:granted"]);
});

test("a call that never ends does not end a holder's beats", async () => {
  const store = memory();
  let hangs = false;
  const slow = {
    ...store,
    getItem: (key) => (hangs ? new Promise(() => {}) : store.getItem(key)),
  };
  const { heard, tabs } = world(2, slow);
  tabs[0].request("family");
  await pass();
  hangs = true;
  await pass(2);
  hangs = false;
  tabs[1].request("family");
  await pass(30);
  assert.deepEqual(heard, ["0:granted"]);
});

test("in a store slower than its beats a holder is not given up, and what it asks does not pile up", async () => {
  const store = memory();
  let open = 0;
  const slowly =
    (call) =>
    async (...args) => {
      open += 1;
      await new Promise((resolve) => setTimeout(resolve, 750));
      const result = await call(...args);
      await new Promise((resolve) => setTimeout(resolve, 750));
      open -= 1;
      return result;
    };
  const { heard, tabs } = world(2, {
    getItem: slowly(store.getItem),
    compareAndSwap: slowly(store.compareAndSwap),
  });
  tabs[0].request("family");
  await pass(4);
  tabs[1].request("family");
  await pass(60);
  assert.deepEqual(heard, ["0:granted"]);
  assert(open <= 8, `${open} calls at once`);
});

test("a store that takes no swap grants nothing, and leaves the page its turns", async () => {
  let swaps = 0;
  const { heard, tabs } = world(1, {
    getItem: async () => null,
    compareAndSwap: async () => ++swaps > 1000,
  });
  tabs[0].request("family");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, []);
  assert(swaps < 100, `${swaps} swaps in a turn`);
});

test("what is let go and asked for anew while a beat finds it stolen is not taken away", async () => {
  const store = memory();
  let turn = Promise.resolve();
  const slow = {
    ...store,
    compareAndSwap: (...args) => turn.then(() => store.compareAndSwap(...args)),
  };
  const { heard, tabs } = world(1, slow);
  tabs[0].request("family");
  tabs[0].request("other");
  await pass(1);
  const text = await store.getItem("locks");
  const stolen = { ...JSON.parse(text), family: { holder: 7, beat: 0 } };
  await store.compareAndSwap("locks", text, JSON.stringify(stolen));
  let go;
  turn = new Promise((resolve) => (go = resolve));
  await pass(1);
  tabs[0].release("family");
  tabs[0].request("family");
  go();
  await pass(12);
  assert.deepEqual(heard, ["0:granted", "0:granted", "0:granted"]);
});

async function seen(tab, name) {
  const [holder] = await tab.holders([name]);
  return holder;
}
