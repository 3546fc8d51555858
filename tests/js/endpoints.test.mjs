import assert from "node:assert/strict";
import { test } from "node:test";
import { json, openDatabase, serve } from "./page.mjs";
import { client } from "./rules.mjs";
import { load } from "./support.mjs";

const { OAuthClientError } = await load("error.js");
const { METADATA } = await load("flows.js");

const issuer = "https://as.example/tenant";
const OPENID = `${issuer}/.well-known/openid-configuration`;
const OAUTH =
  "https://as.example/.well-known/oauth-authorization-server/tenant";
const DAY = 86_400_000;

const metadata = (changes) => ({
  issuer,
  token_endpoint: "https://as.example/token",
  authorization_endpoint: "https://as.example/authorize",
  jwks_uri: "https://as.example/jwks",
  ...changes,
});

let pages = 0;

/** A page of a client that knows its issuer; `respond` is the issuer. */
async function open(t, respond, endpoints = {}, database = openDatabase(t)) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const requests = serve(t, respond);
  const { openEndpoints } = await load("endpoints.js", `page${(pages += 1)}`);
  const { settings, ask } = client({ issuer, endpoints });
  return {
    find: openEndpoints(settings, ask),
    /** What another client finds, with rules of its own. */
    other: (rules) => openEndpoints(settings, rules(ask)),
    requests,
    database,
    urls: () => requests.map(({ url }) => url),
  };
}

/** The issuer has this one document. */
const only =
  (known, document = metadata()) =>
  ({ url }) =>
    url === known ? document : new Response("<h1>", { status: 404 });

test("either of the two well-known documents tells the endpoints", async (t) => {
  for (const [known, asked] of [
    [OPENID, [OPENID]],
    [OAUTH, [OPENID, OAUTH]],
  ]) {
    const { find, urls } = await open(t, only(known));
    const { token, authorization, jwks, revocation } = await find("token");
    assert.deepEqual(
      [token, authorization, jwks, revocation],
      [
        "https://as.example/token",
        "https://as.example/authorize",
        "https://as.example/jwks",
        undefined,
      ],
    );
    assert.deepEqual(urls(), asked);
  }
});

test("the lookup shows the server nothing of the user's", async (t) => {
  const { find, requests } = await open(t, only(OPENID));
  await find("token");
  assert.equal(requests[0].credentials, "omit");
  assert.equal(requests[0].method, "GET");
});

test("what the server promises and demands is known", async (t) => {
  const says = {
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: true,
    pushed_authorization_request_endpoint: "https://as.example/par",
    end_session_endpoint: "https://as.example/logout",
    revocation_endpoint: "https://as.example/revoke",
  };
  const { find } = await open(t, only(OPENID, metadata(says)));
  const found = await find("token");
  assert.deepEqual(
    [
      found.promisesIssuer,
      found.requiresPush,
      found.pushedAuthorizationRequest,
      found.endSession,
      found.revocation,
    ],
    [
      true,
      true,
      "https://as.example/par",
      "https://as.example/logout",
      "https://as.example/revoke",
    ],
  );
});

test("metadata of any other issuer is not believed, however little it differs", async (t) => {
  for (const other of [
    `${issuer}/`,
    "https://as.example/Tenant",
    "https://AS.example/tenant",
    "https://as.example:443/tenant",
    "https://as.example",
    undefined,
  ]) {
    const { find } = await open(t, () => metadata({ issuer: other }));
    await assert.rejects(find("token"), { code: "bad-response" }, other);
  }
});

test("an endpoint of the metadata to which nothing may be sent is none", async (t) => {
  const { find } = await open(t, () =>
    metadata({ token_endpoint: "http://as.example/token" }),
  );
  assert.equal((await find("token")).token, undefined);
});

test("endpoints given by hand need no lookup", async (t) => {
  const endpoints = { token: "https://other.example/token" };
  const { find, requests } = await open(t, assert.fail, endpoints);
  assert.equal((await find("token")).token, endpoints.token);
  assert.deepEqual(requests, []);
});

test("endpoints given by hand stand over the metadata's", async (t) => {
  const endpoints = { token: "https://other.example/token" };
  const { find } = await open(t, only(OPENID), endpoints);
  const { token, authorization } = await find("token", "authorization");
  assert.equal(token, endpoints.token);
  assert.equal(authorization, "https://as.example/authorize");
});

test("an endpoint that is undefined by hand is the metadata's", async (t) => {
  const { find } = await open(t, only(OPENID), { token: undefined });
  assert.equal((await find("token")).token, "https://as.example/token");
});

test("a page's Object.prototype names no endpoint", async (t) => {
  Object.prototype.revocation = "https://evil.example/";
  t.after(() => delete Object.prototype.revocation);
  for (const endpoints of [{}, { token: "https://as.example/token" }]) {
    const { find } = await open(t, only(OPENID), endpoints);
    assert.equal((await find("token")).revocation, undefined);
  }
});

const late = new DOMException("It took too long.", "TimeoutError");

for (const [name, respond, code] of [
  ["cannot be reached", () => Promise.reject(new TypeError("no")), "network"],
  ["is a broken fetch", () => Promise.reject(), "network"],
  ["does not answer in time", () => Promise.reject(late), "timeout"],
  ["is down", () => new Response("<h1>", { status: 503 }), "server"],
  ["has no metadata", () => new Response("", { status: 404 }), "bad-response"],
  [
    "says something else",
    () => new Response("<!doctype html>"),
    "bad-response",
  ],
  ["says too much", () => new Response("9".repeat(300_000)), "bad-response"],
]) {
  test(`a server that ${name} is an error by which to try again: ${code}`, async (t) => {
    const { find, requests } = await open(t, respond);
    await assert.rejects(find("token"), (error) => {
      assert.equal(error.name, "OAuthClientError");
      assert.deepEqual([error.code, error.retryable], [code, true]);
      assert.match(error.message, /openid-configuration.*`issuer`.*CORS/);
      return true;
    });
    assert.equal(requests.length, 2);
  });
}

test("many callers make one lookup", async (t) => {
  const { find, requests } = await open(t, only(OPENID));
  const found = await Promise.all([find("token"), find("jwks")]);
  for (const { token } of found)
    assert.equal(token, "https://as.example/token");
  await find("authorization");
  assert.equal(requests.length, 1);
});

test("a client that is closed while it looks hears just that, and no other client hears of it", async (t) => {
  const { find, other } = await open(t, only(OPENID));
  const closed = new OAuthClientError("internal", "It was closed.");
  const first = other((ask) => (what, ...facts) => {
    if (what === METADATA) throw closed;
    return ask(what, ...facts);
  });
  const [cause, found] = await Promise.allSettled([
    first("token"),
    find("token"),
  ]);
  assert.equal(cause.reason, closed);
  assert.equal(found.value.token, "https://as.example/token");
});

test("a failure is not kept: the next caller asks again", async (t) => {
  let up = false;
  const { find } = await open(t, (it) =>
    up ? only(OPENID)(it) : new Response("", { status: 503 }),
  );
  const both = await Promise.allSettled([find("token"), find("token")]);
  assert.deepEqual(
    both.map(({ reason }) => reason.code),
    ["server", "server"],
  );
  up = true;
  assert.equal((await find("token")).token, "https://as.example/token");
});

test("the next page asks nobody for a day, and after that again", async (t) => {
  const now = Date.UTC(2026, 0, 2);
  const clock = t.mock.method(Date, "now", () => now);
  const first = await open(t, only(OPENID));
  await first.find("token");
  await new Promise(setImmediate);
  const moved = metadata({ token_endpoint: "https://as.example/v2/token" });
  for (const [age, token, lookups] of [
    [DAY - 1, "https://as.example/token", 0],
    [DAY, "https://as.example/v2/token", 1],
  ]) {
    clock.mock.mockImplementation(() => now + age);
    const next = await open(t, only(OPENID, moved), {}, first.database);
    assert.equal((await next.find("token")).token, token);
    assert.equal(next.requests.length, lookups);
  }
});

test("a page that stays open for days looks again", async (t) => {
  const clock = t.mock.method(Date, "now", () => 0);
  const { find, requests } = await open(t, only(OPENID));
  await find("token");
  clock.mock.mockImplementation(() => 2 * DAY);
  t.mock.timers.tick(2 * DAY);
  await find("token");
  assert.equal(requests.length, 2);
});

test("a server that is down is as it was when it was last seen, however long ago", async (t) => {
  const clock = t.mock.method(Date, "now", () => 0);
  const first = await open(t, only(OPENID));
  await first.find("token");
  await new Promise(setImmediate);
  for (const later of [30 * DAY, -30 * DAY]) {
    clock.mock.mockImplementation(() => later);
    const down = () => Promise.reject(new TypeError("Failed to fetch"));
    const next = await open(t, down, {}, first.database);
    assert.equal((await next.find("token")).token, "https://as.example/token");
    assert.equal(next.requests.length, 2);
  }
});

test("where nothing can be stored, every page looks for itself", async (t) => {
  const database = openDatabase(t);
  database.broken = new DOMException("No space.", "QuotaExceededError");
  for (let page = 0; page < 2; page++) {
    const { find, requests } = await open(t, only(OPENID), {}, database);
    assert.equal((await find("token")).token, "https://as.example/token");
    assert.equal(requests.length, 1);
  }
});

test("an endpoint that nobody has named is an error that says where to name it", async () => {
  const { missing } = await load("endpoints.js");
  const { code, message, retryable } = missing("authorization");
  assert.deepEqual([code, retryable], ["invalid-options", false]);
  assert.match(message, /endpoints\.authorization/);
});
