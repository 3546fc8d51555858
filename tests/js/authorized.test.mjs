import assert from "node:assert/strict";
import { test } from "node:test";
import { stand } from "./page.mjs";
import { load } from "./support.mjs";

const { ahead, now } = await load("clock.js");
const { openAuthorized } = await load("authorized.js");

const api = "https://api.example";
const other = "https://other.example";

/** A client's part in asking an API that `respond`s: what it asked, and which tokens it was handed. */
function open(t, respond, { key = "thumbprint" } = {}) {
  const asked = [];
  const proofs = [];
  const wanted = [];
  t.mock.method(globalThis, "fetch", async (input, init) => {
    const request = new Request(input, init);
    asked.push(request);
    return respond(request, asked.length);
  });
  const client = openAuthorized(
    { allowedOrigins: [api, `${other}/`] },
    {
      key: () => key,
      dpop: {
        proof: async (...it) => {
          proofs.push(it);
          return `proof ${proofs.length}`;
        },
      },
      getAccessToken: async (options) => {
        wanted.push(options?.refusedToken);
        return `at${wanted.filter(Boolean).length}`;
      },
    },
  );
  return { ...client, asked, proofs, wanted };
}

const says = (status, headers) => new Response("", { status, headers });

test("a request goes with the token, and its own headers, body and method", async (t) => {
  const { fetch, asked } = open(t, () => says(200), { key: null });
  const headers = { "x-mine": "1" };
  await fetch(`${api}/a?b#c`, { method: "post", body: "d", headers });
  const [request] = asked;
  assert.equal(request.method, "POST");
  assert.equal(request.headers.get("authorization"), "Bearer at0");
  assert.equal(request.headers.get("x-mine"), "1");
  assert.equal(request.headers.has("dpop"), false);
  assert.equal(await request.text(), "d");
});

test("a Request is sent as it is, and again with its body", async (t) => {
  const statuses = [401, 200];
  const { fetch, asked, wanted } = open(t, () => says(statuses.shift()));
  const request = new Request(`${api}/a`, { method: "PUT", body: "all of it" });
  assert.equal((await fetch(request)).status, 200);
  for (const it of asked) assert.equal(await it.text(), "all of it");
  assert.deepEqual(wanted, [undefined, "at0"]);
});

test("a 401 is asked again once, with a newer token; any other refusal is the app's", async (t) => {
  for (const [status, times] of [
    [401, 2],
    [403, 1],
    [500, 1],
  ]) {
    const { fetch, asked } = open(t, () => says(status));
    assert.equal((await fetch(`${api}/a`)).status, status);
    assert.equal(asked.length, times);
    t.mock.restoreAll();
  }
});

test("a proof is made for the method and the URL, and for this token", async (t) => {
  const { fetch, authorize, proofs } = open(t, () => says(200));
  await fetch(`${api}/a?b`, { method: "patch" });
  const headers = await authorize({ url: `${api}/a`, method: "delete" });
  assert.deepEqual(proofs, [
    ["thumbprint", "patch", `${api}/a?b`, undefined, "at0"],
    ["thumbprint", "DELETE", `${api}/a`, undefined, "at0"],
  ]);
  assert.deepEqual(headers, { authorization: "DPoP at0", dpop: "proof 2" });
});

test("a nonce is its server's own, is taken from any answer, and costs no token", async (t) => {
  const wants = {
    "dpop-nonce": "first",
    "www-authenticate": 'DPoP error="use_dpop_nonce"',
  };
  const { fetch, proofs, wanted } = open(t, ({ url }, count) =>
    url.startsWith(other)
      ? says(200)
      : count === 1
        ? says(401, wants)
        : says(200, { "dpop-nonce": "second" }),
  );
  assert.equal((await fetch(`${api}/a`)).status, 200);
  await fetch(`${api}/a`);
  await fetch(`${other}/a`);
  const nonces = proofs.map(([, , , nonce]) => nonce);
  assert.deepEqual(nonces, [undefined, "first", "second", undefined]);
  assert.deepEqual(wanted, [undefined, undefined, undefined, undefined]);
});

test("a nonce that the API does not let the page read is told, and costs no token", async (t) => {
  const wants = { "www-authenticate": 'DPoP error="use_dpop_nonce"' };
  const { fetch, wanted } = open(t, () => says(401, wants));
  await assert.rejects(fetch(`${api}/a`), { code: "dpop-nonce-unreadable" });
  assert.deepEqual(wanted, [undefined]);
});

test("a proof whose time the API does not believe is made again by the right one, from then on", async (t) => {
  t.after(() => ahead(0));
  stand(t, "location", new URL("https://app.example/"));
  const right = () => Date.now() + 3_600_000;
  const { fetch, asked, wanted } = open(t, ({ method }) => {
    const date = new Date(right()).toUTCString();
    if (method === "HEAD") return says(200, { date });
    if (Math.abs(now() * 1000 - right()) < 15_000) return says(200);
    const error = 'DPoP error="invalid_dpop_proof"';
    return says(401, { "www-authenticate": error });
  });
  for (let times = 0; times < 3; times += 1) {
    assert.equal((await fetch(`${api}/a`)).status, 200);
  }
  assert.deepEqual(wanted, Array(4).fill(undefined), "it costs no token");
  assert.equal(asked.length, 5);
});

test("a clock that no API has found wrong is believed, whatever the page's own server says", async (t) => {
  stand(t, "location", new URL("https://app.example/"));
  const { fetch, asked } = open(t, () => says(401));
  await fetch(`${api}/a`);
  assert.deepEqual(
    asked.map(({ method }) => method),
    ["GET", "GET"],
  );
});

test("a proof that the API likes at no time is made three times, not for ever", async (t) => {
  t.after(() => ahead(0));
  stand(t, "location", new URL("https://app.example/"));
  const error = { "www-authenticate": 'DPoP error="invalid_dpop_proof"' };
  const { fetch, proofs, wanted } = open(t, () => says(401, error));
  assert.equal((await fetch(`${api}/a`)).status, 401);
  assert.equal(proofs.length, 3);
  assert.deepEqual(wanted, [undefined, undefined, undefined]);
});

test("what the API has said is worth more than why it cannot be asked again", async (t) => {
  const { fetch } = open(t, (_, count) => {
    if (count > 1) throw new TypeError("Failed to fetch");
    return says(401);
  });
  assert.equal((await fetch(`${api}/a`)).status, 401);
});

test("a caller that gives up hears that, and not what the API has said before", async (t) => {
  const controller = new AbortController();
  const { fetch } = open(t, (_, count) => {
    if (count === 1) return says(401);
    controller.abort();
    throw controller.signal.reason;
  });
  const asked = fetch(`${api}/a`, { signal: controller.signal });
  await assert.rejects(asked, { name: "AbortError" });
});

test("an origin that was not named gets nothing, and is named in the error", async (t) => {
  const { fetch, authorize, asked } = open(t, assert.fail);
  for (const url of [
    "https://api.example.evil.example/",
    "https://api.example:8443/",
    "http://api.example/",
    new URL("https://evil.example/api.example"),
    new Request("https://evil.example/"),
  ]) {
    const error = { code: "origin-not-allowed", message: /No token goes to / };
    await assert.rejects(fetch(url), error);
    await assert.rejects(authorize({ url: url.url ?? url }), error);
  }
  assert.deepEqual(asked, []);
});
