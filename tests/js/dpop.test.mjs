import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { openDatabase, stand } from "./page.mjs";
import { client } from "./rules.mjs";
import { load } from "./support.mjs";

const clock = await load("clock.js");
const HOUR = 3_600_000;
const token = "https://as.example/token";
let pages = 0;

/** A page with keys for the session that `scope` names. */
async function open(t, { memory = false, database, scope = "k" } = {}) {
  const { openDpop } = await load("dpop.js", `page${(pages += 1)}`);
  const { ask } = client({ dpop: true });
  const kept = database ?? openDatabase(t);
  return { ...openDpop(scope, memory, ask), database: kept };
}

const sha256 = (text) => createHash("sha256").update(text).digest("base64url");
const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));

/** What a proof says, once its signature is found to be its key's. */
function read(proof) {
  const [header, claims, signature] = proof.split(".");
  const { jwk, ...rest } = decode(header);
  assert.deepEqual(rest, { typ: "dpop+jwt", alg: "ES256" });
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const how = { key, dsaEncoding: "ieee-p1363" };
  const signed = Buffer.from(`${header}.${claims}`);
  assert(verify("sha256", signed, how, Buffer.from(signature, "base64url")));
  return { jwk, claims: decode(claims) };
}

/** The write that nobody waits for. */
const settled = () => new Promise(setImmediate);

test("a key goes by its thumbprint, which every server computes alike", async (t) => {
  const { create, proof } = await open(t);
  const thumbprint = await create();
  const { jwk } = read(await proof(thumbprint, "POST", token));
  const { crv, kty, x, y } = jwk;
  // RFC 7638 §3: the required members, in this order, without spaces.
  assert.deepEqual(Object.keys(jwk).sort(), ["crv", "kty", "x", "y"]);
  assert.equal(thumbprint, sha256(JSON.stringify({ crv, kty, x, y })));
});

test("a proof says which request it is for, and when", async (t) => {
  t.after(() => clock.ahead(0));
  const { create, proof } = await open(t);
  const key = await create();
  clock.ahead(HOUR);
  const url = `${token}?tenant=a#b`;
  const { claims } = read(await proof(key, "POST", url));
  const { jti, iat, ...said } = claims;
  assert.deepEqual(said, { htm: "POST", htu: token });
  assert.match(jti, /^[\w-]{22}$/);
  assert(Math.abs(iat - (Date.now() + HOUR) / 1000) < 2);
});

test("a proof names the server's nonce, and the token that goes along", async (t) => {
  const { create, proof } = await open(t);
  const key = await create();
  const made = await proof(key, "GET", "https://api.example/", "n-1", "at-1");
  const { nonce, ath, htm } = read(made).claims;
  assert.deepEqual([nonce, ath, htm], ["n-1", sha256("at-1"), "GET"]);
  assert(!made.includes("at-1"));
});

test("no two proofs are the same", async (t) => {
  const { create, proof } = await open(t);
  const key = await create();
  const ids = new Set();
  for (let at = 0; at < 20; at++) {
    ids.add(read(await proof(key, "POST", token)).claims.jti);
  }
  assert.equal(ids.size, 20);
});

test("nobody takes a key out of the browser", async (t) => {
  const { create, database } = await open(t);
  const thumbprint = await create();
  const { pair } = database.items.get(`k:dpop:${thumbprint}`);
  assert.equal(pair.privateKey.extractable, false);
  assert.deepEqual(pair.privateKey.usages, ["sign"]);
  for (const format of ["jwk", "pkcs8"]) {
    await assert.rejects(crypto.subtle.exportKey(format, pair.privateKey));
  }
});

test("a key is there after a reload, and in another tab", async (t) => {
  const { create, database } = await open(t);
  const thumbprint = await create();
  const { proof } = await open(t, { database });
  const { jwk } = read(await proof(thumbprint, "POST", token));
  const { crv, kty, x, y } = jwk;
  assert.equal(thumbprint, sha256(JSON.stringify({ crv, kty, x, y })));
});

test("for a key that is gone there is no proof", async (t) => {
  const { create, database } = await open(t);
  const thumbprint = await create();
  database.items.clear();
  const { proof, late } = await open(t, { database });
  assert.equal(await proof(thumbprint, "POST", token), undefined);
  await late(thumbprint, HOUR);
  assert.equal(database.items.size, 0);
});

test("a key of a session in memory is never stored, and is gone with its page", async (t) => {
  const page = await open(t, { memory: true });
  const thumbprint = await page.create();
  await page.late(thumbprint, 0);
  assert.equal(page.database.items.size, 0);
  assert(read(await page.proof(thumbprint, "POST", token)));
  page.database.broken = new Error("It is looked into.");
  page.forget();
  const next = await open(t, { memory: true, database: page.database });
  assert.equal(await next.proof(thumbprint, "POST", token), undefined);
});

test("where nothing can be stored, a key serves as long as its page", async (t) => {
  const database = openDatabase(t);
  database.broken = new DOMException("No space.", "QuotaExceededError");
  const { create, proof, forget } = await open(t, { database });
  const thumbprint = await create();
  assert(read(await proof(thumbprint, "POST", token)));
  forget(thumbprint);
  await settled();
});

test("what is known of a wrong clock is known after a reload", async (t) => {
  t.after(() => clock.ahead(0));
  const { create, late, database } = await open(t);
  const thumbprint = await create();
  await late(thumbprint, -HOUR);
  clock.ahead(0);
  const { proof } = await open(t, { database });
  const { iat } = read(await proof(thumbprint, "POST", token)).claims;
  assert(Math.abs(iat - (Date.now() - HOUR) / 1000) < 2);
});

test("a new session's key outlives the old ones, and those of sign-ins that may still end well", async (t) => {
  const now = Date.now();
  const clock = t.mock.method(Date, "now", () => now - HOUR);
  const page = await open(t);
  const other = await open(t, { database: page.database, scope: "k2" });
  const [old, others] = [await page.create(), await other.create()];
  clock.mock.mockImplementation(() => now - HOUR + 1000);
  const waiting = await page.create();
  const [current] = [await page.create()];
  clock.mock.mockImplementation(() => now);
  page.database.items.set("k", "the record");
  page.tidy(current);
  await settled();
  assert.deepEqual(
    [...page.database.items.keys()].sort(),
    ["k", `k2:dpop:${others}`]
      .concat([current, waiting].map((it) => `k:dpop:${it}`))
      .sort(),
  );
  const proof = (key) => page.proof(key, "POST", token);
  assert.equal(await proof(old), undefined);
  assert(await proof(current));
  assert(await proof(waiting));
  // Nobody comes back from a sign-in after an hour.
  clock.mock.mockImplementation(() => now + HOUR);
  page.tidy(current);
  await settled();
  assert.equal(await proof(waiting), undefined);
  assert(await proof(current));
});

test("the key of a session that has ended is forgotten, and no other", async (t) => {
  const page = await open(t);
  const [ended, other] = [await page.create(), await page.create()];
  page.forget(ended);
  await settled();
  assert.deepEqual([...page.database.items.keys()], [`k:dpop:${other}`]);
  assert.equal(await page.proof(ended, "POST", token), undefined);
  assert(await page.proof(other, "POST", token));
});

test("a tab with a session of its own has keys of its own", async (t) => {
  const { begin, OAuthClient } = await load("client.js");
  const { settings } = client({ dpop: true, storage: "session" });
  const { memory } = await load("memory.js");
  const database = openDatabase(t);
  t.mock.method(globalThis, "fetch", assert.fail);
  for (const [name, value] of Object.entries({
    addEventListener() {},
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    location: new URL("https://app.example/"),
    sessionStorage: { setItem() {}, removeItem() {}, getItem: () => null },
  })) {
    stand(t, name, value);
  }
  for (const owner of ["a", "b"]) {
    const lockScope = `${settings.storageKey}:${owner}`;
    const page = new OAuthClient();
    await begin(page, {
      ...settings,
      endpoints: {
        ...settings.endpoints,
        authorization: "https://as.example/",
      },
      redirectUri: "https://app.example/",
      lockScope,
      store: memory(),
    });
    await page.signIn({ openUrl() {} });
    page.close();
  }
  const names = [...database.items.keys()].map((it) => it.split(":dpop:")[0]);
  assert.deepEqual(names.sort(), [
    `${settings.storageKey}:a`,
    `${settings.storageKey}:b`,
  ]);
});
