// What the engine imports throws nothing: an exception that passed through it would leave it unusable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { get, parse, put, rest, take } = await load("tree.js");
const { createTimer, mono } = await load("timer.js");
const { openLive } = await load("live.js");
const { openChannel } = await load("channel.js");

const fail = () => {
  throw new Error("a trap");
};
const traps = new Proxy({}, { get: () => fail });

test("members of values that object to it are not had", () => {
  const getter = Object.defineProperty({}, "a", { get: fail });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const node of [getter, new Proxy({}, traps), revoked.proxy, null, "a"]) {
    assert.equal(get(node, "a"), undefined);
    assert.equal(take(node, "a"), undefined);
  }
});

test("a member is put in whatever setters the page has given to all objects", (t) => {
  Object.defineProperty(Object.prototype, "issuer", {
    configurable: true,
    get: fail,
    set: fail,
  });
  t.after(() => delete Object.prototype.issuer);
  const node = parse("{}");
  put(node, "issuer", 1);
  put(node, "__proto__", 2);
  const list = parse("[0]");
  put(list, undefined, node);
  assert.equal(JSON.stringify(list), '[0,{"issuer":1,"__proto__":2}]');
});

test("what is frozen stays as it is", () => {
  const node = Object.freeze({ a: 1 });
  const list = Object.freeze([1]);
  put(node, "b", 2);
  put(list, undefined, 2);
  assert.equal(take(node, "a"), 1);
  assert.deepEqual([node, list], [{ a: 1 }, [1]]);
});

test("what is too deep to be written is nothing, and so is what is no JSON", () => {
  const depth = 200_000;
  const deep = parse(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  assert.equal(rest(deep), undefined);
  assert.equal(
    rest(Object.defineProperty({}, "toJSON", { get: fail })),
    undefined,
  );
  for (const text of ["", "{", "NaN", '{"a":1}}']) {
    assert.equal(parse(text), undefined);
  }
});

test("where the page has broken the monotonic clock, timer and live token go by the wall clock", async (t) => {
  t.mock.method(performance, "now", fail);
  const before = mono();
  assert(Math.abs(before - Date.now()) < 1_000);
  await new Promise((fired) => createTimer(fired).set(before + 20));
  const live = openLive();
  t.after(() => live.close());
  live.set("token", Date.now() + 60_000, mono() + 60_000);
  assert.equal(await live.get(), "token");
});

test("an announcement after the end is nobody's", () => {
  const channel = openChannel("imports", fail, fail);
  channel.announce(1);
  channel.close();
  channel.announce(2);
  channel.close();
});
