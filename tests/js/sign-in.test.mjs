import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { json, stand, storage } from "./page.mjs";
import { issuer, openPage, openServer, redirectUri } from "./signing-in.mjs";

const HOUR = 3_600_000;
const asked = (url) => Object.fromEntries(new URL(url).searchParams);

/** A tab whose user has signed in at the server: the page that gets the answer, and the answer. */
async function answered(t, { changes, server, page, appState } = {}) {
  const as = openServer(t, server);
  const { ask, tab } = openPage(t, page);
  const url = as.authorize(await ask({ appState }), changes);
  const next = openPage(t, { ...page, items: tab.items, href: url });
  return { ...next, as, url, items: tab.items };
}

test("a user who comes back from the server is signed in, and the app is where it was", async (t) => {
  const appState = { returnTo: "/inbox" };
  const page = await answered(t, { appState });
  assert.deepEqual(await page.complete(page.url), { appState });
  const [[tokens, receivedAt]] = page.begun;
  assert.equal(tokens.expires_in, 300);
  assert(Math.abs(Date.now() - receivedAt) < 1000);
  const [{ method, form, headers, credentials }] = page.as.at("/token");
  assert.deepEqual([method, credentials], ["POST", "omit"]);
  const { code_verifier, code, ...rest } = Object.fromEntries(form);
  assert.deepEqual(rest, {
    grant_type: "authorization_code",
    client_id: "spa",
    redirect_uri: redirectUri,
  });
  assert.match(code_verifier, /^[\w-]{43}$/);
  // A preflight would be too much for many servers.
  assert.deepEqual([...headers.keys()], ["content-type"]);
});

test("what is asked is what the app wants, in a request that nobody can guess", async (t) => {
  const { ask, kept, tab } = openPage(t, { resource: "https://api.example/" });
  const options = {
    loginHint: "ada",
    prompt: "login",
    acrValues: "mfa",
    maxAge: 0,
    extraParams: { audience: "api" },
  };
  const url = await ask(options);
  const { state, nonce, code_challenge, ...rest } = asked(url);
  assert.deepEqual(rest, {
    response_type: "code",
    client_id: "spa",
    redirect_uri: redirectUri,
    scope: "openid",
    code_challenge_method: "S256",
    login_hint: "ada",
    prompt: "login",
    acr_values: "mfa",
    max_age: "0",
    resource: "https://api.example/",
    audience: "api",
  });
  const [name] = kept();
  assert(name.endsWith(state));
  const { verifier } = JSON.parse(tab.items[name]);
  const digest = createHash("sha256").update(verifier).digest("base64url");
  assert.equal(code_challenge, digest);
  assert(!url.includes(verifier));
  const next = asked(await ask(options));
  for (const [name, value] of Object.entries({
    state,
    nonce,
    code_challenge,
  })) {
    assert.match(value, /^[\w-]{43}$/);
    assert.notEqual(next[name], value);
  }
});

test("a client that asks for no ID token takes one without a nonce, and one that asks does not", async (t) => {
  for (const [scope, fails] of [
    ["profile", false],
    ["myopenid openid2", false],
    ["profile openid", true],
  ]) {
    const claims = { nonce: undefined };
    const page = await answered(t, { page: { scope }, server: { claims } });
    const completed = page.complete(page.url);
    if (fails) await assert.rejects(completed, { code: "id-token" });
    else await completed;
  }
});

test("a user is sent nowhere before there is a way back", async (t) => {
  for (const [options, code, message] of [
    [{ redirectUri: undefined }, "invalid-options", /redirectUri/],
    [
      { endpoints: { authorization: undefined } },
      "invalid-options",
      /authorization/,
    ],
  ]) {
    // Without an issuer nothing is looked up.
    const page = openPage(t, { issuer: undefined, ...options });
    const failed = page.ask();
    await assert.rejects(failed, (error) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(page.kept(), []);
  }
  const nowhere = openPage(t, { endpoints: { token: undefined } });
  stand(t, "setTimeout", () => {});
  openServer(t, {
    wrong: () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
    }),
  });
  await assert.rejects(nowhere.ask(), { message: /endpoints\.token/ });
  // It may have had one before.
  const url = `${redirectUri}?code=a&state=s`;
  const kept = { server: issuer, verifier: "v", at: Date.now() };
  const items = storage({ "evergrant:spa:sign-in:s": JSON.stringify(kept) });
  const back = openPage(t, { endpoints: { token: undefined }, items });
  await assert.rejects(back.complete(url), { message: /endpoints\.token/ });
});

test("a sign-in that cannot be kept is an error, and the user stays", async (t) => {
  const full = storage();
  const page = openPage(t, { items: full });
  const cyclic = {};
  cyclic.self = cyclic;
  await assert.rejects(page.ask({ appState: cyclic }), { code: "storage" });
  const cause = new DOMException("It is full.", "QuotaExceededError");
  Object.getPrototypeOf(full).setItem = () => {
    throw cause;
  };
  await assert.rejects(page.ask(), { code: "storage", cause });
});

test("where the browser refuses sessionStorage, another library's answer is none of ours", async (t) => {
  const { complete } = openPage(t);
  const refuse = () => {
    throw new DOMException("No.", "SecurityError");
  };
  stand(t, "sessionStorage", { getItem: refuse, removeItem: refuse });
  assert.equal(await complete(`${redirectUri}?code=a&state=b`), null);
});

test("the browser goes where openUrl says, or by itself", async (t) => {
  const { signIn, tab } = openPage(t);
  await signIn({});
  assert.match(tab.assigned[0], /^https:\/\/as\.example\/authorize\?/);
  const refused = new Error("not now");
  const openUrl = () => Promise.reject(refused);
  await assert.rejects(signIn({ openUrl }), refused);
  assert.equal(tab.assigned.length, 1);
});

test("a caller who gives up goes nowhere", async (t) => {
  const reason = new Error("enough");
  const aborted = { code: "aborted", cause: reason };
  const { ask, tab } = openPage(t);
  const signal = AbortSignal.abort(reason);
  const openUrl = assert.fail;
  await assert.rejects(ask({ signal, openUrl }), aborted);
  stand(t, "open", assert.fail);
  await assert.rejects(ask({ signal, mode: "popup" }), aborted);
  const controller = new AbortController();
  const asking = ask({ signal: controller.signal, openUrl });
  controller.abort(reason);
  await assert.rejects(asking, aborted);
  assert.deepEqual(tab.assigned, []);
});

test("a request is pushed where the server demands it, or the app says where", async (t) => {
  const par = { pushedAuthorizationRequest: `${issuer}/par` };
  for (const page of [
    { promises: { ...par, requiresPush: true } },
    { endpoints: par },
  ]) {
    const as = openServer(t);
    const { ask, tab } = openPage(t, page);
    const url = await ask({ loginHint: "ada" });
    const { client_id, request_uri, ...rest } = asked(url);
    assert.deepEqual([client_id, rest], ["spa", {}]);
    const [{ form, credentials }] = as.at("/par");
    assert.equal(form.get("login_hint"), "ada");
    assert.equal(credentials, "omit");
    const href = as.authorize(url);
    const next = openPage(t, { ...page, items: tab.items, href });
    assert.deepEqual(await next.complete(href), { appState: undefined });
    assert.equal(next.begun.length, 1);
  }
});

test("each sign-in is pushed anew", async (t) => {
  const as = openServer(t);
  const endpoints = { pushedAuthorizationRequest: `${issuer}/par` };
  const { ask } = openPage(t, { endpoints });
  const urls = [await ask(), await ask()];
  const all = [urls.map((url) => asked(url).request_uri)];
  for (const name of ["state", "code_challenge", "nonce"]) {
    all.push(as.at("/par").map(({ form }) => form.get(name)));
  }
  for (const values of all) assert.equal(new Set(values).size, 2);
});

test("a server that refuses what is pushed, or is down, is an error before the user goes", async (t) => {
  const words = { error: "invalid_request", error_description: "No scope." };
  const answers = [
    [() => json(words, 400), "oauth", false],
    [() => json({}, 503), "server", true],
    [() => Promise.reject(new TypeError("Failed to fetch")), "network", true],
    [() => Promise.reject(), "network", true],
    [() => json({}, 201), "bad-response", true],
  ];
  openServer(t, { wrong: (_, nth) => answers[nth - 1][0]() });
  const endpoints = { pushedAuthorizationRequest: `${issuer}/par` };
  const { ask, kept } = openPage(t, { endpoints });
  for (const [, code, retryable] of answers) {
    await assert.rejects(ask({ openUrl: assert.fail }), { code, retryable });
  }
  assert.deepEqual(kept(), []);
});

test("a callback that is another library's is left alone", async (t) => {
  const href = `${redirectUri}?code=a&state=b&iss=c`;
  const { ask, complete, tab, begun } = openPage(t, { href });
  await ask();
  openServer(t, { wrong: assert.fail });
  for (const query of [
    "?code=a&state=b&iss=c",
    "?code=a",
    "?state=b",
    "?error=access_denied&state=b",
    "",
    "#code=a&state=b",
  ]) {
    assert.equal(await complete(`${redirectUri}${query}`), null, query);
  }
  assert.equal(tab.replaced, 0);
  assert.deepEqual(begun, []);
});

test("another tab's answer, and another client's, is none of ours", async (t) => {
  const { as, url, items } = await answered(t);
  for (const page of [{ items: storage() }, { items, storageKey: "other" }]) {
    const { complete, begun, tab } = openPage(t, { ...page, href: url });
    assert.equal(await complete(url), null);
    assert.equal(tab.location.href, url);
    assert.deepEqual(begun, []);
  }
  assert.deepEqual(as.at("/token"), []);
});

/** The answer is refused for this part; nothing is sent for it, and the sign-in is over. */
async function refuses(t, part, { changes, edit = (it) => it, page } = {}) {
  const tab = await answered(t, { changes, page });
  await assert.rejects(tab.complete(edit(tab.url)), ({ code, message }) => {
    assert.equal(code, "callback");
    assert.match(message, new RegExp(`its ${part} is wrong`));
    return true;
  });
  assert.deepEqual([tab.as.at("/token"), tab.begun], [[], []]);
  assert.equal(await tab.complete(tab.url), null);
}

test("an answer of another server's is refused", async (t) => {
  for (const iss of [
    "https://evil.example",
    `${issuer}/`,
    "",
    "HTTPS://as.example",
  ]) {
    await refuses(t, "iss", { changes: { iss } });
  }
  // It may be their error, too.
  const changes = { iss: "https://evil.example", error: "access_denied" };
  await refuses(t, "iss", { changes });
});

test("an answer that does not say whose it is is refused where the server promises that", async (t) => {
  const changes = { iss: undefined };
  const promises = { promisesIssuer: true };
  await refuses(t, "iss", { changes, page: { promises } });
  const { complete, url, begun } = await answered(t, { changes });
  await complete(url);
  assert.equal(begun.length, 1);
});

test("what the server has promised when the user was sent there holds, whoever names the token endpoint", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    authorization_response_iss_parameter_supported: true,
  };
  const as = openServer(t, {
    wrong: ({ url }) => url.includes("/.well-known/") && json(metadata),
  });
  const page = { endpoints: { authorization: undefined } };
  const { ask, tab } = openPage(t, page);
  const href = as.authorize(await ask(), { iss: undefined });
  const { complete } = openPage(t, { ...page, items: tab.items, href });
  await assert.rejects(complete(href), { code: "callback", message: /iss/ });
  assert.deepEqual(as.at("/token"), []);
});

test("an answer that says something twice is refused", async (t) => {
  for (const name of ["code", "state", "iss"]) {
    const edit = (url) => `${url}&${name}=x`;
    await refuses(t, "parameters", { edit });
  }
  await refuses(t, "parameters", {
    edit: (url) => `${url}&error=a&error=b`,
  });
});

test("an answer without a code is refused", async (t) => {
  await refuses(t, "code", { changes: { code: "" } });
});

test("a server that says no is quoted, and what it says is text", async (t) => {
  const script = `<script>alert("${"a".repeat(400)}")</script>\u0000\n`;
  const changes = {
    code: undefined,
    error: "access_denied",
    error_description: script,
  };
  const { complete, url, as, begun, tab } = await answered(t, { changes });
  await assert.rejects(complete(url), (error) => {
    assert.deepEqual([error.code, error.retryable], ["oauth", false]);
    assert.equal(error.oauthError, "access_denied");
    assert.equal(error.oauthErrorDescription, script.slice(0, 300));
    assert(!error.message.includes("script"));
    return true;
  });
  assert.deepEqual([as.requests, begun], [[], []]);
  assert.equal(tab.location.search, "");
});

test("an error beside a code is an error", async (t) => {
  const changes = { error: "access_denied" };
  const { complete, url, as } = await answered(t, { changes });
  await assert.rejects(complete(url), { oauthError: "access_denied" });
  assert.deepEqual(as.at("/token"), []);
});

test("a user who takes more than an hour has to begin again", async (t) => {
  const { complete, url, ask, as } = await answered(t);
  const now = Date.now();
  t.mock.method(Date, "now", () => now + HOUR);
  assert.equal(await complete(url), null);
  assert.deepEqual(as.at("/token"), []);
  await ask();
  // What is too old goes with the next one.
  const { kept } = openPage(t, { items: globalThis.sessionStorage });
  assert.equal(kept().length, 1);
});

test("the address bar loses what the answer added, and nothing else", async (t) => {
  const own = `${redirectUri}?next=%2Fa%20b&flag&iss2=c#part`;
  const as = openServer(t);
  const { ask, tab } = openPage(t, { redirectUri: own.split("#")[0] });
  const answer = new URL(as.authorize(await ask(), { session_state: "s" }));
  const { code, state } = Object.fromEntries(answer.searchParams);
  const href = `${redirectUri}?next=%2Fa%20b&flag&code=${code}&iss2=c&state=${state}&session_state=s&iss=https%3A%2F%2Fas.example#part`;
  const next = openPage(t, {
    items: tab.items,
    href,
    redirectUri: own.split("#")[0],
  });
  await next.complete(href);
  assert.equal(next.tab.location.href, own);
  assert.deepEqual([next.tab.replaced, next.tab.state], [1, { kept: true }]);
});

test("an answer that the address bar does not show leaves it alone", async (t) => {
  const { complete, url, tab } = await answered(t);
  tab.location.href = "https://app.example/?code=mine";
  await complete(url);
  assert.deepEqual([tab.replaced, tab.location.search], [0, "?code=mine"]);
});
