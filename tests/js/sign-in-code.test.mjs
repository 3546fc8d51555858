// What comes of a code, at a token endpoint that may be down, or may say anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { json, stand } from "./page.mjs";
import { issuer, openPage, openServer, redirectUri } from "./signing-in.mjs";
import { load } from "./support.mjs";

const clock = await load("clock.js");
const { OAuthClientError } = await load("error.js");
const HOUR = 3_600_000;

/** A tab that shows the server's answer; `server` and `page` are what is special about them. */
async function answered(t, { server, appState = { n: 1 }, ...page } = {}) {
  const as = openServer(t, server);
  const { ask, tab } = openPage(t, page);
  const url = as.authorize(await ask({ appState }));
  const items = tab.items;
  const reload = () => openPage(t, { ...page, items, href: url });
  return { ...reload(), as, url, items, reload };
}

const claims = (proof) =>
  JSON.parse(Buffer.from(proof.split(".")[1], "base64url"));

test("a page that completes its sign-in twice at once, as React does, sends the code once", async (t) => {
  const { complete, url, as, begun, tab } = await answered(t);
  const both = await Promise.all([complete(url), complete(url)]);
  assert.deepEqual(both, [{ appState: { n: 1 } }, { appState: { n: 1 } }]);
  assert.deepEqual([as.at("/token").length, begun.length], [1, 1]);
  assert.equal(tab.location.href, redirectUri);
});

test("two calls at once hear of the same error", async (t) => {
  const server = {
    wrong: ({ url }) => url.endsWith("/token") && json({}, 400),
  };
  const { complete, url, as } = await answered(t, { server });
  const both = await Promise.allSettled([complete(url), complete(url)]);
  assert.equal(both[0].reason.code, "oauth");
  assert.equal(both[0].reason, both[1].reason);
  assert.equal(as.at("/token").length, 1);
});

test("whatever the app does as soon as it is signed in, the code is sent once", async (t) => {
  const again = [];
  const { complete, url, as, begun } = await answered(t, {
    async begin() {
      let wait = Promise.resolve();
      for (let task = 0; task < 20; task++) {
        wait = wait.then(() => void again.push(complete(url)));
      }
    },
  });
  await complete(url);
  await Promise.all(again);
  assert.deepEqual([as.at("/token").length, begun.length], [1, 1]);
});

test("an answer that is opened again in its tab says the same again, and nothing is sent", async (t) => {
  const { complete, url, as, reload } = await answered(t);
  const first = await complete(url);
  const next = reload();
  assert.deepEqual(await next.complete(url), first);
  assert.equal(next.tab.location.href, redirectUri);
  // Nor does another code under this state count for anything.
  const replayed = url.replace(/code=[^&]*/, "code=stolen");
  assert.deepEqual(await next.complete(replayed), first);
  assert.equal(as.at("/token").length, 1);
  assert.deepEqual(next.begun, []);
});

test("what is kept after a sign-in is no secret", async (t) => {
  const { complete, url, items, kept, begun } = await answered(t, {
    dpop: true,
  });
  const before = JSON.parse(items[kept()[0]]);
  await complete(url);
  const left = JSON.stringify(items);
  for (const secret of [
    before.verifier,
    before.nonce,
    begun[0][0].access_token,
    begun[0][0].refresh_token,
    new URL(url).searchParams.get("code"),
  ]) {
    assert(secret && !left.includes(secret));
  }
});

test("a code of somebody else's, put under our state, is refused by the server", async (t) => {
  const as = openServer(t);
  const eve = as.authorize(await openPage(t).ask());
  const code = new URL(eve).searchParams.get("code");
  const { ask, tab } = openPage(t);
  const href = as.authorize(await ask(), { code });
  const page = openPage(t, { items: tab.items, href });
  await assert.rejects(page.complete(href), {
    code: "oauth",
    oauthError: "invalid_grant",
    retryable: false,
  });
  assert.deepEqual([page.begun, page.kept()], [[], []]);
  assert.equal(page.tab.location.href, redirectUri);
});

for (const [name, failure, code] of [
  ["breaks", () => Promise.reject(new TypeError("no")), "network"],
  ["fails without a word", () => Promise.reject(), "network"],
  [
    "takes too long",
    () => Promise.reject(new DOMException("late", "TimeoutError")),
    "timeout",
  ],
  ["is a server's that is down", () => json({}, 503), "server"],
  ["is a server's that is busy", () => json({}, 429), "rate-limited"],
]) {
  test(`a connection that ${name} costs no sign-in: the same URL works again`, async (t) => {
    const server = {
      wrong: ({ url }, nth) => url.endsWith("/token") && nth === 1 && failure(),
    };
    const { complete, url, tab, reload, begun } = await answered(t, { server });
    await assert.rejects(complete(url), { code, retryable: true });
    assert.equal(tab.location.href, url);
    assert.deepEqual(begun, []);
    const next = reload();
    assert.deepEqual(await next.complete(url), { appState: { n: 1 } });
    assert.equal(next.begun.length, 1);
    assert.equal(next.tab.location.href, redirectUri);
  });
}

test("tokens that came are not lost to keys that cannot be had, nor to a store that fails", async (t) => {
  const failures = [
    new OAuthClientError("storage", "No.", { retryable: true }),
  ];
  const { complete, url, as, begun } = await answered(t, {
    server: {
      wrong: ({ url }, nth) =>
        url.endsWith("/jwks?new") && nth === 1 && json({}, 503),
    },
    endpoints: { jwks: `${issuer}/jwks?new` },
    async begin() {
      if (failures.length) throw failures.pop();
    },
  });
  const now = Date.now();
  await assert.rejects(complete(url), { code: "network", retryable: true });
  t.mock.method(Date, "now", () => now + 60_000);
  await assert.rejects(complete(url), { code: "storage", retryable: true });
  assert.deepEqual(await complete(url), { appState: { n: 1 } });
  // The code was good for one request; and their lifetime counts from when they came.
  assert.equal(as.at("/token").length, 1);
  const [[, receivedAt]] = begun;
  assert(receivedAt < now + 1000);
});

test("a client that was closed meanwhile leaves the sign-in to the next one", async (t) => {
  let closed = false;
  const refusal = () => new OAuthClientError("closed", "It was closed.");
  const { complete, url, as, begun, reload } = await answered(t, {
    async begin() {
      if (closed) return;
      closed = true;
      throw refusal();
    },
  });
  const first = complete(url);
  const next = reload();
  const second = next.complete(url);
  await assert.rejects(first, { code: "closed" });
  assert.deepEqual(await second, { appState: { n: 1 } });
  assert.deepEqual([begun, next.begun.length], [[], 1]);
  assert.equal(as.at("/token").length, 1);
});

test("a client that was closed leaves the answer where the next one looks for it", async (t) => {
  const refusal = new OAuthClientError("closed", "It was closed.");
  const page = { begin: () => Promise.reject(refusal) };
  const { complete, url, tab, items } = await answered(t, page);
  await assert.rejects(complete(url), { code: "closed" });
  assert.equal(tab.location.href, url);
  const next = openPage(t, { items, href: tab.location.href });
  const { href } = next.tab.location;
  assert.deepEqual(await next.complete(href), { appState: { n: 1 } });
  assert.equal(next.tab.location.href, redirectUri);
});

test("an ID token that cannot be believed, or does not come, stores nothing, and the sign-in is over", async (t) => {
  for (const [server, what] of [
    [{ claims: { nonce: "other" } }, /`nonce`/],
    [{ claims: { aud: "api" } }, /`aud`/],
    [{ claims: { at_hash: "other" } }, /`at_hash`/],
    [{ answer: { id_token: "a.b.c" } }, /`form`/],
    [{ answer: { id_token: undefined } }, /`form`/],
  ]) {
    const { complete, url, begun, kept, tab } = await answered(t, { server });
    await assert.rejects(complete(url), { code: "id-token", message: what });
    assert.deepEqual([begun, kept()], [[], []]);
    assert.equal(tab.location.href, redirectUri);
  }
});

test("a user who signed in too long ago for the app is refused", async (t) => {
  const at = Math.floor(Date.now() / 1000);
  stand(t, "location", new URL(redirectUri));
  for (const [ago, works] of [
    [60, true],
    [7200, false],
  ]) {
    const as = openServer(t, {
      claims: { auth_time: at - ago },
      wrong: ({ method }) => method === "HEAD" && new Response(""),
    });
    const { ask, tab } = openPage(t);
    const href = as.authorize(await ask({ maxAge: 300 }));
    const { complete } = openPage(t, { items: tab.items, href });
    if (works) await complete(href);
    else await assert.rejects(complete(href), { code: "id-token" });
  }
});

test("tokens are bound to a key that the code was bound to before", async (t) => {
  const { complete, url, as, begun, items, kept } = await answered(t, {
    dpop: true,
  });
  const { key } = JSON.parse(items[kept()[0]]);
  await complete(url);
  const [{ headers }] = as.at("/token");
  const { htm, htu } = claims(headers.get("dpop"));
  assert.deepEqual([htm, htu], ["POST", `${issuer}/token`]);
  assert.equal(begun[0][2], key);
});

test("a server that wants its nonce in the proof gets it, and the session goes on with the newest", async (t) => {
  const nonces = { 1: "n-1", 2: "n-2" };
  const server = {
    wrong({ url }, nth) {
      if (!url.endsWith("/token") || !nonces[nth]) return undefined;
      const headers = { "dpop-nonce": nonces[nth] };
      return json({ error: "use_dpop_nonce" }, nth === 1 ? 400 : 401, headers);
    },
  };
  const { complete, url, as, begun } = await answered(t, {
    server,
    dpop: true,
  });
  await complete(url);
  const sent = as
    .at("/token")
    .map(({ headers }) => claims(headers.get("dpop")));
  assert.deepEqual(
    sent.map(({ nonce }) => nonce),
    [undefined, "n-1", "n-2"],
  );
  assert.equal(new Set(sent.map(({ jti }) => jti)).size, 3);
  assert.equal(begun[0][3], "n-2");
});

test("a server that is never content with the proof is asked four times, not for ever", async (t) => {
  const headers = { "dpop-nonce": "n" };
  const server = {
    wrong: ({ url }) =>
      url.endsWith("/token") && json({ error: "use_dpop_nonce" }, 400, headers),
  };
  const { complete, url, as, begun } = await answered(t, {
    server,
    dpop: true,
  });
  await assert.rejects(complete(url), { oauthError: "use_dpop_nonce" });
  assert.deepEqual([as.at("/token").length, begun], [4, []]);
});

test("a nonce that the page cannot read is an error that says what to set", async (t) => {
  const server = {
    wrong: ({ url }) =>
      url.endsWith("/token") && json({ error: "use_dpop_nonce" }, 400),
  };
  const { complete, url } = await answered(t, { server, dpop: true });
  await assert.rejects(complete(url), {
    code: "dpop-nonce-unreadable",
    message: /Access-Control-Expose-Headers/,
  });
});

test("a user whose clock is an hour slow signs in with a key: the proof is made again", async (t) => {
  t.after(() => clock.ahead(0));
  const right = Date.now() + HOUR;
  const date = new Date(right).toUTCString();
  const server = {
    claims: {
      iat: Math.floor(right / 1000),
      exp: Math.floor(right / 1000) + 300,
    },
    wrong: ({ url }, nth) =>
      url.endsWith("/token") &&
      nth === 1 &&
      json({ error: "invalid_dpop_proof" }, 400, { date }),
  };
  const { complete, url, as, begun } = await answered(t, {
    server,
    dpop: true,
  });
  await complete(url);
  const [first, second] = as
    .at("/token")
    .map(({ headers }) => claims(headers.get("dpop")).iat);
  assert(Math.abs(second - first - 3600) < 5);
  assert.equal(begun.length, 1);
});

test("tokens that are not bound are refused where that was asked for", async (t) => {
  for (const token_type of ["Bearer", "bearer", "", "DPoPx"]) {
    const server = { answer: { token_type } };
    const { complete, url, begun } = await answered(t, { server, dpop: true });
    await assert.rejects(complete(url), { code: "bad-response" });
    assert.deepEqual(begun, []);
  }
  const server = { answer: { token_type: "dpop" } };
  const { complete, url } = await answered(t, { server, dpop: true });
  await complete(url);
});

test("a user signs in by a popup, whose page hands the answer on", async (t) => {
  const as = openServer(t);
  const page = openPage(t, { href: "https://app.example/" });
  const popup = { closed: false, close: () => (popup.closed = true) };
  stand(t, "open", () => popup);
  stand(t, "close", () => {});
  stand(t, "addEventListener", () => {});
  stand(t, "document", { hasFocus: () => false });
  const signedIn = page.signIn({ mode: "popup", appState: { n: 2 } });
  while (!popup.location) await new Promise(setImmediate);
  const url = as.authorize(popup.location);
  assert.deepEqual(page.tab.assigned, []);
  // It has a sessionStorage of its own.
  const callback = openPage(t, { href: url });
  const passed = callback.complete(url);
  stand(t, "sessionStorage", page.tab.items);
  assert.deepEqual(await passed, {});
  await signedIn;
  assert.deepEqual([page.begun.length, callback.begun.length], [1, 0]);
  assert.equal(popup.closed, true);
});

test("an answer that comes after an hour ends a sign-in by popup with an error", async (t) => {
  const as = openServer(t);
  const page = openPage(t);
  const popup = { closed: false, close() {} };
  stand(t, "open", () => popup);
  stand(t, "addEventListener", () => {});
  const signedIn = page.signIn({ mode: "popup" });
  while (!popup.location) await new Promise(setImmediate);
  const url = as.authorize(popup.location);
  const now = Date.now();
  t.mock.method(Date, "now", () => now + HOUR);
  const state = new URL(url).searchParams.get("state");
  const channel = new BroadcastChannel(`evergrant:${state}`);
  channel.postMessage(url);
  await assert.rejects(signedIn, { code: "callback", retryable: true });
  channel.close();
});

test("a popup that cannot be sent anywhere is closed", async (t) => {
  const page = openPage(t, {
    endpoints: { pushedAuthorizationRequest: issuer },
  });
  openServer(t, { wrong: () => json({}, 503) });
  const popup = { closed: false, close: () => (popup.closed = true) };
  stand(t, "open", () => popup);
  stand(t, "addEventListener", () => {});
  await assert.rejects(page.signIn({ mode: "popup" }), { code: "server" });
  assert(popup.closed);
});

test("a user who signs out at the server, too, is sent there with the ID token", async (t) => {
  const { signOut, tab } = openPage(t, {
    endpoints: { endSession: `${issuer}/logout` },
  });
  const postLogoutRedirectUri = "https://app.example/bye";
  await signOut("a.b.c", { postLogoutRedirectUri });
  const url = new URL(tab.assigned[0]);
  assert.deepEqual(
    [`${url.origin}${url.pathname}`, Object.fromEntries(url.searchParams)],
    [
      `${issuer}/logout`,
      {
        client_id: "spa",
        id_token_hint: "a.b.c",
        post_logout_redirect_uri: postLogoutRedirectUri,
      },
    ],
  );
  const reported = [];
  stand(t, "reportError", (error) => reported.push(error));
  const refused = new Error("no");
  await signOut(null, { openUrl: () => Promise.reject(refused) });
  assert.deepEqual(reported, [refused]);
});
