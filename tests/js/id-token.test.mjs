import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  sign,
} from "node:crypto";
import { test } from "node:test";
import { json, serve, stand } from "./page.mjs";
import { client } from "./rules.mjs";
import { load } from "./support.mjs";

const { check } = await load("id-token.js");
const clock = await load("clock.js");

const issuer = "https://as.example";
const HOUR_S = 3600;
const seconds = () => Math.floor(Date.now() / 1000);

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ED = generateKeyPairSync("ed25519");
const padding = constants.RSA_PKCS1_PSS_PADDING;

/** How an issuer signs, by `alg`. */
const ALGS = {
  RS256: [RSA, (text) => sign("sha256", text, RSA.privateKey)],
  PS256: [
    RSA,
    (text) =>
      sign("sha256", text, { key: RSA.privateKey, padding, saltLength: 32 }),
  ],
  ES256: [
    EC,
    (text) =>
      sign("sha256", text, { key: EC.privateKey, dsaEncoding: "ieee-p1363" }),
  ],
  EdDSA: [ED, (text) => sign(null, text, ED.privateKey)],
  Ed25519: [ED, (text) => sign(null, text, ED.privateKey)],
};

const encode = (value) =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token as a right issuer gives it, but for the changes. */
function token(claims, header, signer = ALGS.ES256[1]) {
  const now = seconds();
  const said = { iss: issuer, sub: "ada", aud: "spa", nonce: "n-1", ...claims };
  const input = `${encode({ alg: "ES256", kid: "k", ...header })}.${encode({
    iat: now,
    exp: now + 300,
    ...said,
  })}`;
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString("base64url")}`;
}

const jwk = ({ publicKey }, changes) => ({
  ...publicKey.export({ format: "jwk" }),
  kid: "k",
  ...changes,
});

let issuers = 0;

/** A check at an issuer with these keys; `sets` are its answers, one after the other. */
async function open(t, ...sets) {
  const jwks = `${issuer}/jwks/${(issuers += 1)}`;
  if (!sets.length) sets.push({ keys: [jwk(EC)] });
  const requests = serve(t, (_, nth) => {
    const answer = sets[Math.min(nth, sets.length) - 1];
    return typeof answer === "function" ? answer() : answer;
  });
  const { settings, ask } = client({ issuer, endpoints: { jwks } });
  const server = { issuer, jwks, timeoutMs: settings.timeoutMs };
  return {
    requests,
    check: (idToken, facts, of = server) =>
      check({ idToken, nonce: "n-1", ...facts }, of, ask),
  };
}

/** The token is refused, for this reason. */
const refused = (checked, reason) =>
  assert.rejects(checked, ({ code, message, retryable }) => {
    assert.deepEqual([code, retryable], ["id-token", false], message);
    assert.match(message, reason);
    return true;
  });

const nobody = /none of the issuer's keys/;

for (const [alg, [pair, signer]] of Object.entries(ALGS)) {
  test(`a token that the issuer has signed by ${alg} is believed, and no other`, async (t) => {
    const keys = [jwk(pair, { alg, use: "sig" })];
    const { check, requests } = await open(t, { keys });
    await check(token({}, { alg }, signer));
    assert.equal(requests[0].credentials, "omit");
    const other = (text) => signer(Buffer.from(`${text}.`));
    await refused(check(token({}, { alg }, other)), nobody);
    await refused(check(token({ sub: "eve" }, { alg }, () => "")), nobody);
  });
}

test("a token that somebody else has signed is refused", async (t) => {
  const eve = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { check } = await open(t);
  const signed = (text) =>
    sign("sha256", text, { key: eve.privateKey, dsaEncoding: "ieee-p1363" });
  await refused(check(token({}, {}, signed)), nobody);
  await refused(
    check(token({}, { jwk: jwk(eve), jku: "https://e" }, signed)),
    nobody,
  );
});

test("a token that nobody has signed is refused, whatever its header says", async (t) => {
  const { check, requests } = await open(t);
  const none = () => "";
  for (const alg of ["none", "None", "", undefined, "HS256", "RS1"]) {
    await refused(check(token({}, { alg }, none)), /`(alg|form)`/);
  }
  await refused(check(token({}, {}, none)), nobody);
  assert.equal(requests.length, 1);
});

test("a public key is no secret that signs", async (t) => {
  const pem = RSA.publicKey.export({ format: "pem", type: "spki" });
  const { check } = await open(t, { keys: [jwk(RSA)] });
  const signed = (text) => createHmac("sha256", pem).update(text).digest();
  await refused(check(token({}, { alg: "HS256" }, signed)), /`alg`/);
  await refused(check(token({}, { alg: "RS256" }, signed)), nobody);
});

test("what is no token is refused", async (t) => {
  const { check } = await open(t);
  for (const junk of ["a.b.c", "a", "..", {}, 7, true]) {
    await refused(check(junk), /`form`/);
  }
});

test("a key that is new is asked for once", async (t) => {
  const old = jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }), {
    kid: "old",
  });
  const { check, requests } = await open(
    t,
    { keys: [old] },
    { keys: [old, jwk(EC)] },
  );
  await refused(check(token({}, { kid: "other" })), nobody);
  assert.equal(requests.length, 1);
  await check(token());
  assert.equal(requests.length, 2);
  await check(token());
  assert.equal(requests.length, 2, "now it is known");
  await refused(check(token({}, { kid: "other" })), nobody);
  assert.equal(requests.length, 3);
});

test("no cache stands between a new key and the user", async (t) => {
  const { check, requests } = await open(t);
  await check(token());
  assert.equal(requests[0].cache, "no-cache");
});

test("a signature that is wrong by a known key is not asked for again", async (t) => {
  const { check, requests } = await open(t);
  await check(token());
  await refused(check(token({}, {}, () => "x".repeat(64))), nobody);
  assert.equal(requests.length, 1);
});

test("a token that names no key is tried with all, and with new ones", async (t) => {
  const other = () =>
    jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }), { kid: undefined });
  const { check, requests } = await open(
    t,
    { keys: [other()] },
    { keys: [other(), jwk(RSA), jwk(EC, { kid: undefined })] },
  );
  await refused(check(token({}, { kid: undefined })), nobody);
  await check(token({}, { kid: undefined }));
  assert.equal(requests.length, 2);
});

test("a key that is for something else is not believed", async (t) => {
  for (const changes of [{ use: "enc" }, { alg: "ES384" }, { kid: "l" }]) {
    const { check } = await open(t, { keys: [jwk(EC, changes)] });
    await refused(check(token()), nobody);
  }
  const { check } = await open(t, { keys: [jwk(RSA, { alg: "PS256" })] });
  await refused(check(token({}, { alg: "RS256" }, ALGS.RS256[1])), nobody);
});

test("a key of no use beside the right one does no harm", async (t) => {
  const junk = [null, 7, {}, { kty: "EC", kid: "k" }, jwk(EC, { x: "!" })];
  const { check } = await open(t, { keys: [...junk, jwk(EC)] });
  await check(token());
});

test("a token for somebody else is refused", async (t) => {
  const { check } = await open(t);
  for (const aud of ["spa", ["spa"]]) await check(token({ aud }));
  await check(token({ aud: ["api", "spa"], azp: "spa" }));
  await check(token({ azp: "spa" }));
  for (const aud of ["api", ["api"], [], "SPA", undefined, [["spa"]]]) {
    await refused(check(token({ aud })), /`aud`/);
  }
  await refused(check(token({ aud: ["api", "spa"] })), /`azp`/);
  await refused(check(token({ azp: "api" })), /`azp`/);
});

test("a token of somebody else's is refused", async (t) => {
  const { check } = await open(t);
  for (const iss of [`${issuer}/`, "https://AS.example", undefined, [issuer]]) {
    await refused(check(token({ iss })), /`iss`/);
  }
  await refused(check(token({ sub: undefined })), /`sub`/);
});

test("a token of another sign-in is refused", async (t) => {
  const { check } = await open(t);
  for (const nonce of ["n-2", undefined, "", ["n-1"]]) {
    await refused(check(token({ nonce })), /`nonce`/);
  }
  await check(token({ nonce: undefined }), { nonce: undefined });
});

test("a token that belongs to another access token is refused, where it says so", async (t) => {
  const half = (hash, text) => {
    const digest = createHash(hash).update(text).digest();
    return digest.subarray(0, digest.length / 2).toString("base64url");
  };
  for (const [alg, hash] of [
    ["ES256", "sha256"],
    ["EdDSA", "sha512"],
    ["Ed25519", "sha512"],
  ]) {
    const [pair, signer] = ALGS[alg];
    const { check } = await open(t, { keys: [jwk(pair)] });
    const accessToken = "at-1";
    const at = (at_hash) =>
      check(token({ at_hash }, { alg }, signer), { accessToken });
    await at(half(hash, accessToken));
    await at(undefined);
    await refused(at(half(hash, "at-2")), /`at_hash`/);
    await refused(at(""), /`at_hash`/);
  }
});

test("a server without keys is believed by TLS, but what it says has to be right", async (t) => {
  const { check, requests } = await open(t);
  const none = () => "";
  await check(token({}, {}, none), {}, { issuer });
  await refused(
    check(token({ aud: "api" }, {}, none), {}, { issuer }),
    /`aud`/,
  );
  assert.deepEqual(requests, []);
});

test("keys that cannot be had are an error by which to try again, and are not remembered", async (t) => {
  const failures = [
    () => Promise.reject(new TypeError("Failed to fetch")),
    () => Promise.reject(),
    () => new Response("<h1>", { status: 503 }),
    () => json({ error: "temporarily_unavailable" }, 503),
    () => json({ keys: "none" }),
    () => json(null),
    () => new Response("9".repeat(300_000)),
  ];
  const { check } = await open(t, ...failures, { keys: [jwk(EC)] });
  for (const _ of failures) {
    await assert.rejects(check(token()), ({ name, code, retryable }) => {
      assert.deepEqual(
        [name, code, retryable],
        ["OAuthClientError", "network", true],
      );
      return true;
    });
  }
  await check(token());
});

// What one test has heard is too old for the next.
const mono = performance.now.bind(performance);
let passed = 0;
performance.now = () => mono() + passed;

/** The user's clock is ahead by so much, and the page's own server says what time it is, if it does. */
function wrong(t, aheadMs, says = true) {
  passed += HOUR_S * 1000;
  const right = Date.now.bind(Date);
  t.mock.method(Date, "now", () => right() + aheadMs);
  t.after(() => clock.ahead(0));
  stand(t, "location", new URL("https://app.example/"));
  const issuers = globalThis.fetch;
  const asked = [];
  t.mock.method(globalThis, "fetch", (input, init) => {
    if (init.method !== "HEAD") return issuers(input, init);
    asked.push(input);
    const date = says ? { date: new Date(right()).toUTCString() } : {};
    return Promise.resolve(new Response("", { headers: date }));
  });
  return { asked, now: () => Math.floor(right() / 1000) };
}

test("a user whose clock is right is kept from a token of another time", async (t) => {
  const { check } = await open(t);
  const { now } = wrong(t, 0);
  const at = now();
  await refused(check(token({ iat: at - HOUR_S, exp: at - 300 })), /`exp`/);
  await refused(check(token({ iat: at + 600, exp: at + HOUR_S })), /`iat`/);
  await refused(check(token({ exp: undefined })), /`exp`/);
  await check(token({ iat: at + 30, exp: at - 30 }));
});

for (const [name, ms] of [
  ["fast", HOUR_S * 1000],
  ["slow", -HOUR_S * 1000],
]) {
  test(`a user whose clock is an hour ${name} gets in, and a token that has expired does not`, async (t) => {
    const { check } = await open(t);
    const { asked, now } = wrong(t, ms);
    const at = now();
    await check(token({ iat: at, exp: at + 300 }));
    assert.equal(asked.length, 1);
    await refused(check(token({ iat: at - HOUR_S, exp: at - 300 })), /`exp`/);
  });
}

test("keys out of a cache do not say what time it is", async (t) => {
  const date = new Date(Date.now() - HOUR_S * 1000).toUTCString();
  const { check } = await open(t, () =>
    json({ keys: [jwk(EC)] }, 200, { date }),
  );
  const { now } = wrong(t, 0);
  await check(token());
  const at = now() - HOUR_S;
  await refused(check(token({ iat: at, exp: at + 300 })), /`exp`/);
});

test("a sign-in that is too long ago for the app is refused", async (t) => {
  const { check } = await open(t);
  const { now } = wrong(t, 0);
  const at = (ago) => check(token({ auth_time: now() - ago }), { maxAge: 300 });
  await at(200);
  await refused(at(HOUR_S), /`auth_time`/);
  await refused(check(token(), { maxAge: 300 }), /`auth_time`/);
  const forced = { maxAge: 0 };
  await refused(
    check(token({ auth_time: now() - 300 }), forced),
    /`auth_time`/,
  );
});

test("an error says nothing of what is in the token", async (t) => {
  const { check } = await open(t);
  const idToken = token({ aud: "api", email: "ada@example.org" });
  await assert.rejects(check(idToken), (error) => {
    const said = `${error.message}${error.stack}${JSON.stringify(error)}`;
    for (const secret of [idToken, "ada@example.org", "n-1"]) {
      assert(!said.includes(secret));
    }
    return true;
  });
});
