// The ID token that comes with a refresh (OpenID Connect Core §12.2): checked after the save, so that what is
// wrong with it is told and loses nothing.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { serve, stand } from "./page.mjs";
import { client } from "./rules.mjs";
import { load } from "./support.mjs";

const { begin, OAuthClient } = await load("client.js");
const { memory } = await load("memory.js");

const issuer = "https://as.example";
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const right = newKey();
const wrong = newKey();

function idToken({ privateKey: key }, claims) {
  const now = Math.floor(Date.now() / 1000);
  const said = { iss: issuer, sub: "ada", aud: "spa", iat: now, ...claims };
  const input = [{ alg: "ES256" }, { exp: now + 300, ...said }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", input, { key, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

const tokens = (number, id_token) => ({
  access_token: `at${number}`,
  refresh_token: `rt${number}`,
  expires_in: 300,
  ...(id_token && { id_token }),
});

/**
 * A client that has tokens, with `first` for an ID token; each refresh brings the next one of `later`. What it
 * hears is in `heard`; `asked` are the requests for the issuer's keys, which `jwks` answers.
 */
async function open(t, first, later, { jwks, ...options } = {}) {
  const { settings } = client({
    issuer,
    redirectUri: "https://app.example/",
    // Each its own: keys are remembered by their URL.
    endpoints: { token: `${issuer}/token`, jwks: `${issuer}/${t.name}` },
    ...options,
  });
  stand(t, "addEventListener", () => {});
  stand(t, "location", new URL("https://app.example/"));
  const keys = () => ({ keys: [right.publicKey.export({ format: "jwk" })] });
  const asked = [];
  let number = 1;
  serve(t, (request) => {
    if (request.url === `${issuer}/token`) {
      return tokens((number += 1), later.shift());
    }
    asked.push(request);
    return (jwks ?? keys)(asked.length);
  });
  const store = memory();
  /** A tab of the session; what it hears is in `heard`. */
  const openTab = async (heard) => {
    const page = new OAuthClient();
    t.after(() => page.close());
    for (const type of ["refreshed", "refresh-failed"]) {
      page.on(type, ({ error }) => heard.push(error?.code ?? type));
    }
    await begin(page, { ...settings, lockScope: t.name, store });
    return page;
  };
  const heard = [];
  const page = await openTab(heard);
  await page.setTokens(tokens(1, first));
  const refresh = () => page.getAccessToken({ forceRefresh: true });
  /** The check comes after the refresh. */
  const hears = async (...events) => {
    while (heard.length < events.length) await new Promise(setImmediate);
    assert.deepEqual(heard, events);
  };
  return { page, openTab, asked, refresh, hears };
}

test("one that is right is heard of by nothing but the refresh", async (t) => {
  const later = [idToken(right, { name: "Ada" }), idToken(wrong)];
  const { refresh, hears, asked } = await open(t, idToken(right), later);
  assert.equal(await refresh(), "at2");
  while (asked.length < 1) await new Promise(setImmediate);
  await refresh();
  await hears("refreshed", "refreshed", "id-token");
});

test("one that somebody else has signed, or that is for somebody else, is told of, and the session goes on", async (t) => {
  const another = idToken(right, { aud: "another" });
  const later = [idToken(wrong), another, undefined, idToken(wrong)];
  const { page, refresh, hears } = await open(t, idToken(right), later);
  assert.equal(await refresh(), "at2");
  const told = ["refreshed", "id-token"];
  await hears(...told);
  assert.equal(await refresh(), "at3");
  await hears(...told, ...told);
  // Told of once.
  await refresh();
  await refresh();
  await hears(...told, ...told, "refreshed", ...told);
  assert.equal(page.session.status, "active");
  assert.equal(page.ended, null);
});

test("it is checked, and told of, in the tab that has refreshed", async (t) => {
  const later = [idToken(wrong), idToken(wrong)];
  const { openTab, refresh, hears } = await open(t, idToken(right), later);
  const elsewhere = [];
  await openTab(elsewhere);
  for (const times of [1, 2]) {
    await refresh();
    await hears(...Array(times).fill(["refreshed", "id-token"]).flat());
    while (elsewhere.length < times) await new Promise(setImmediate);
  }
  assert.deepEqual(elsewhere, ["refreshed", "refreshed"]);
});

test("one that was there before is not judged again by a refresh that brings none", async (t) => {
  const later = [undefined, idToken(wrong)];
  const old = idToken(right, { exp: 1 });
  const { refresh, hears } = await open(t, old, later);
  await refresh();
  await refresh();
  await hears("refreshed", "refreshed", "id-token");
});

test("where the issuer's keys cannot be had, it is checked at the next refresh", async (t) => {
  const jwks = (count) => {
    if (count === 1) throw new TypeError("Failed to fetch");
    return { keys: [right.publicKey.export({ format: "jwk" })] };
  };
  const later = [idToken(wrong), undefined];
  const { refresh, hears, asked } = await open(t, idToken(right), later, {
    jwks,
  });
  await refresh();
  while (asked.length < 1) await new Promise(setImmediate);
  await hears("refreshed");
  await refresh();
  await hears("refreshed", "refreshed", "id-token");
});

test("who never signs in here may have tokens of any kind", async (t) => {
  const options = { redirectUri: undefined };
  const later = [idToken(wrong), undefined];
  const first = idToken(right);
  const { refresh, hears, asked } = await open(t, first, later, options);
  await refresh();
  await refresh();
  await hears("refreshed", "refreshed");
  assert.deepEqual(asked, []);
});
