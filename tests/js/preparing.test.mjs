import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { openPreparing } = await load("preparing.js");
const { OAuthClientError } = await load("error.js");
const clock = await load("clock.js");
const { READY: PREPARE } = await load("orders.js");
const { READY, UNREADY } = await load("signals.js");

const token = "https://as.example/token";
const revocation = "https://as.example/revoke";
const form = { "content-type": "application/x-www-form-urlencoded" };

/** What the engine is told, as it gets requests ready at a server that has these endpoints. */
function open({ endpoints = async () => ({ token, revocation }), dpop } = {}) {
  const told = [];
  const causes = {};
  const server = { endpoints, dpop };
  const signal = (...it) => void told.push(it);
  const preparing = openPreparing(server, causes, signal);
  return { ...preparing, prepare: preparing[PREPARE], causes, told };
}

/** Keys of which each proof says what it is for. */
const keys = {
  late: () => assert.fail("Nothing was late."),
  proof: async (...it) => JSON.stringify(it),
};

test("a request goes where the metadata says, once that is known", async () => {
  const { prepare, request, told } = open();
  assert.equal(request(7, [undefined, "a=1"]), undefined);
  await prepare(7, 0, []);
  assert.deepEqual(told, [[READY, 7]]);
  assert.deepEqual(request(7, [undefined, "a=1"]), [token, "a=1", form]);
  const own = ["https://own.example/token", "a=1", "Basic a"];
  assert.deepEqual(request(7, own), [
    own[0],
    "a=1",
    { ...form, authorization: "Basic a" },
  ]);
});

test("a proof is for its attempt alone, and names the nonce that the server gave", async () => {
  const { prepare, request, letGo, told } = open({ dpop: keys });
  await prepare(7, 0, ["key", "n-1", false]);
  await prepare(8, 0, ["key", undefined, false]);
  const facts = [undefined, "a=1"];
  const headers = (id) => request(id, facts)[2];
  assert.equal(headers(7).dpop, JSON.stringify(["key", "POST", token, "n-1"]));
  assert.deepEqual(JSON.parse(headers(8).dpop).slice(0, 3), [
    "key",
    "POST",
    token,
  ]);
  letGo(7);
  assert.deepEqual(headers(7), form);
  assert("dpop" in headers(8));
  assert.deepEqual(told, [
    [READY, 7],
    [READY, 8],
  ]);
});

test("a session without a key has no proof, and one whose key is gone is over", async () => {
  const dpop = { ...keys, proof: async () => undefined };
  const { prepare, request, told } = open({ dpop });
  await prepare(7, 0, []);
  await prepare(8, 0, ["gone", undefined, false]);
  assert.deepEqual(request(7, [token, "a=1"])[2], form);
  assert.deepEqual(told, [
    [READY, 7],
    [UNREADY, 8, 0, "session-ended"],
  ]);
});

test("a proof that was late is made by the server's clock, which is remembered with the key", async (t) => {
  t.after(() => clock.ahead(0));
  const calls = [];
  const dpop = {
    late: async (...it) => calls.push(["late", ...it]),
    proof: async (...it) => void calls.push(["proof", ...it]),
  };
  const { prepare } = open({ dpop });
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  clock.hear(new Headers({ date }));
  await prepare(7, 0, ["key", undefined, true]);
  const [[late, key, offset], [proof]] = calls;
  assert.deepEqual([late, key, proof], ["late", "key", "proof"]);
  // A date has whole seconds.
  assert(Math.abs(offset + 3_600_000) < 1100);
});

for (const code of ["network", "timeout", "server", "bad-response"]) {
  test(`where the metadata cannot be had, the attempt is not ready: ${code}`, async () => {
    const error = new OAuthClientError(code, "It cannot be read.");
    const { prepare, told, causes } = open({
      endpoints: () => Promise.reject(error),
    });
    await prepare(7, 0, []);
    assert.deepEqual(told, [[UNREADY, 7, 0, code]]);
    assert.equal(causes[code], error);
  });
}

test("a server without a token endpoint is told to the app as what the engine makes of it", async () => {
  const { prepare, told, causes } = open({ endpoints: async () => ({}) });
  await prepare(7, 0, []);
  const [[what, , , code]] = told;
  assert.deepEqual([what, code], [UNREADY, "invalid-options"]);
  // The engine has no such code: src/api/signal.rs.
  assert.match(causes["bad-response"].message, /endpoints\.token/);
});

test("a failure that is over is not the cause of the next one", async () => {
  let error = new OAuthClientError("server", "It is down.");
  const endpoints = async () => {
    if (error) throw error;
    return { token };
  };
  const { prepare, causes } = open({ endpoints });
  await prepare(7, 0, []);
  assert.equal(causes.server, error);
  error = undefined;
  await prepare(8, 0, []);
  assert.equal(causes.server, undefined);
  assert.equal(causes["bad-response"], undefined);
});

test("a key that cannot sign is a failure of the store's", async () => {
  const error = new DOMException("It is not there.", "InvalidAccessError");
  const dpop = { ...keys, proof: () => Promise.reject(error) };
  const { prepare, told, causes, request } = open({ dpop });
  await prepare(7, 0, ["key", undefined, false]);
  assert.deepEqual(told, [[UNREADY, 7, 0, "storage"]]);
  assert.equal(causes.storage, error);
  assert.deepEqual(request(7, [token, "a=1"])[2], form);
});

test("a revocation goes where the options say, or the metadata; or nowhere", async () => {
  const { revoking } = open();
  const facts = [undefined, "token=a"];
  assert.deepEqual(await revoking(facts), [revocation, "token=a", form]);
  const own = ["https://own.example/revoke", "token=a", "Basic a"];
  const asks = open({ endpoints: assert.fail });
  assert.deepEqual(await asks.revoking(own), [
    own[0],
    "token=a",
    { ...form, authorization: "Basic a" },
  ]);
  const has = open({ endpoints: async () => ({ token }) });
  assert.equal(await has.revoking(facts), undefined);
  const down = open({ endpoints: () => Promise.reject(new Error("no")) });
  assert.equal(await down.revoking(facts), undefined);
});

test("a keeper gets the revocation that is known by now, or none", async () => {
  const { prepare, revocation: known } = open();
  const facts = [undefined, "token="];
  assert.equal(known(facts), undefined);
  await prepare(7, 0, []);
  assert.deepEqual(known(facts), [revocation, "token=", form]);
  const own = "https://own.example/revoke";
  assert.deepEqual(known([own, "token="]), [own, "token=", form]);
});
