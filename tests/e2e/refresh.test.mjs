// The heart: refreshing by itself, in time, once.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSite } from "./support/site.mjs";

// They mostly wait, so they wait together.
describe("a page that only stays open", { concurrency: true }, () => {
  test("rotates six times by itself and uses each refresh token exactly once", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 5 });
    const tab = await site.openTab();
    await tab.create();
    await tab.takeOverTokens();
    await tab.until(() => client.session?.generation >= 7);

    const [issue] = site.entries("issue");
    const requests = site.tokenRequests.slice(0, 6);
    const used = requests.map((request) => request.used);
    const issued = requests.map((request) => request.issued);
    assert.deepEqual(used, [issue.issued, ...issued.slice(0, 5)]);
    assert.equal(new Set([...used, issued[5]]).size, 7);
    assert.deepEqual(
      requests.map(({ status, reused }) => ({ status, reused })),
      Array(6).fill({ status: 200, reused: false }),
    );
    const { events } = await tab.look();
    assert.deepEqual(
      events
        .slice(0, 7)
        .map(({ type, by, session }) => [type, by, session.generation]),
      [
        ["signed-in", "this-tab", 1],
        ...[2, 3, 4, 5, 6, 7].map((n) => ["refreshed", "this-tab", n]),
      ],
    );
  });

  test("keeps a refresh token that the server does not renew, and still refreshes in time", async (t) => {
    const lifetime = 20;
    const site = await openSite(t, {
      RenewRefreshTokenForRefreshGrant: false,
      AccessTokenLifetime: lifetime,
    });
    const tab = await site.openTab();
    // Always a fifth of the lifetime ahead, which leaves a slow machine 4 s.
    await tab.create({ refresh: { jitterSeconds: 0 } });
    await tab.takeOverTokens();
    await tab.until(() => client.session?.generation >= 3);

    const [issue] = site.entries("issue");
    const requests = site.tokenRequests.slice(0, 2);
    for (const [i, request] of requests.entries()) {
      const previous = i === 0 ? issue : requests[i - 1];
      assert.equal(request.status, 200);
      assert.equal(request.used, issue.issued, "the same token is sent");
      assert.equal(request.issued, issue.issued, "the same token comes back");
      assert.notEqual(request.access, previous.access);
      assert(request.at < previous.at + lifetime * 1000, "in time");
    }
    assert.equal(await tab.callApi(), 200);
  });

  test("has a session that ends, without a request, when its refresh token passes its validity period", async (t) => {
    const RefreshTokenValidityPeriod = 2;
    const site = await openSite(t, {
      RefreshTokenValidityPeriod,
      AccessTokenLifetime: 1,
    });
    const tab = await site.openTab();
    await tab.create({
      refresh: {
        refreshTokenLifetimeSeconds: RefreshTokenValidityPeriod,
        automatic: false,
      },
    });
    await tab.takeOverTokens();
    await tab.until(() => client.ended !== null);

    const { session, ended, events } = await tab.look();
    assert.equal(session, null);
    assert.equal(ended.reason, "refresh-token-expired");
    const { type, reason, by } = events.at(-1);
    assert.deepEqual(
      { type, reason, by },
      { type: "signed-out", reason: "refresh-token-expired", by: "this-tab" },
    );
    assert(!events.some((event) => event.type.startsWith("refresh")));
    const { error } = await tab.call("getAccessToken");
    assert.equal(error.code, "not-signed-in");
    assert.equal(error.reason, "refresh-token-expired");
    assert.deepEqual(site.tokenRequests, []);
  });
});

test("the confidential client's request is the documented curl call, header and body", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create({}, { secretly: true });
  await tab.takeOverTokens({ clientId: "evergrant-confidential" });
  const { value: token } = await tab.call("getAccessToken", {
    forceRefresh: true,
  });

  const [request, ...more] = site.tokenRequests;
  assert.deepEqual(more, []);
  assert.equal(request.status, 200);
  assert.equal(request.wire.answer.access_token, token);
  // curl -d "grant_type=refresh_token&refresh_token=<refresh_token>"
  //   -H "Authorization: Basic <Base64Encoded(Client_Id:Client_Secret)>"
  //   -H "Content-Type: application/x-www-form-urlencoded"
  // with id and secret form-encoded before Base64 (RFC 6749 §2.3.1).
  const { refresh_token } = site.entries("issue")[0].wire.answer;
  const { method, headers, body } = request.wire;
  assert.equal(method, "POST");
  assert.equal(body, `grant_type=refresh_token&refresh_token=${refresh_token}`);
  assert.equal(
    Buffer.from(
      headers.authorization.slice("Basic ".length),
      "base64",
    ).toString(),
    "evergrant-confidential:development+only%3A+100%25+%26+a%2Bb%2Fc%3Dd%3F",
  );
  assert.match(headers.authorization, /^Basic [A-Za-z0-9+/]+={0,2}$/);
  assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
});

test("the public client's request names it in the body and has no header that costs a preflight", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  await tab.call("getAccessToken", { forceRefresh: true });

  const { refresh_token } = site.entries("issue")[0].wire.answer;
  const { headers, body } = site.tokenRequests[0].wire;
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    grant_type: "refresh_token",
    refresh_token,
    client_id: "evergrant-spa",
  });
  assert.equal(headers.authorization, undefined);
  assert.match(headers["content-type"], /^application\/x-www-form-urlencoded/);
  assert.equal(headers.cookie, undefined);
});
