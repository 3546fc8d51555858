import assert from "node:assert/strict";
import { test } from "node:test";
import { good, load } from "./support.mjs";

const {
  callbackUrl,
  complete,
  onOptions,
  setTokensOptions,
  signInOptions,
  signOutOptions,
  tokenOptions,
} = await load("options.js");

/** What is wrong, and the path that the error must name. */
const refused = [
  [undefined, "options"],
  [null, "options"],
  ["spa", "options"],
  [[], "options"],
  [{ ...good, clientId: undefined }, "clientId"],
  [{ ...good, clientId: "" }, "clientId"],
  [{ ...good, clientId: 7 }, "clientId"],
  [{ ...good, leeway: 60 }, "leeway"],
  [{ ...good, refresh: { leeway: 60 } }, "refresh.leeway"],
  [{ ...good, refresh: { leewaySeconds: "60" } }, "refresh.leewaySeconds"],
  [{ ...good, refresh: { leewaySeconds: NaN } }, "refresh.leewaySeconds"],
  [{ ...good, refresh: { jitterSeconds: -1 } }, "refresh.jitterSeconds"],
  [{ ...good, refresh: { timeoutSeconds: 0 } }, "refresh.timeoutSeconds"],
  [{ ...good, refresh: { graceSeconds: Infinity } }, "refresh.graceSeconds"],
  [
    { ...good, refresh: { refreshTokenLifetimeSeconds: 0 } },
    "refresh.refreshTokenLifetimeSeconds",
  ],
  [{ ...good, refresh: { automatic: 1 } }, "refresh.automatic"],
  [{ ...good, refresh: { whenHidden: "stop" } }, "refresh.whenHidden"],
  [{ ...good, refresh: [] }, "refresh"],
  [{ ...good, endpoints: {} }, "endpoints.token"],
  [{ clientId: "spa" }, "endpoints.token"],
  [{ clientId: "spa", issuer: "" }, "issuer"],
  [{ clientId: "spa", issuer: "as.example" }, "issuer"],
  [{ clientId: "spa", issuer: "https://as.example/#a" }, "issuer"],
  [
    { ...good, endpoints: { tokens: "https://as.example" } },
    "endpoints.tokens",
  ],
  [{ ...good, endpoints: { token: "/token" } }, "endpoints.token"],
  [{ ...good, endpoints: { token: "http://as.example/" } }, "endpoints.token"],
  [
    { ...good, endpoints: { token: "http://localhost.evil.example/" } },
    "endpoints.token",
  ],
  [{ ...good, endpoints: { token: "http://a.127.0.0.1/" } }, "endpoints.token"],
  [{ ...good, endpoints: { token: "http://a.[::1]/" } }, "endpoints.token"],
  [{ ...good, endpoints: { token: "http://127x0.0.1/" } }, "endpoints.token"],
  [
    { ...good, endpoints: { token: "http://evillocalhost/" } },
    "endpoints.token",
  ],
  [
    { ...good, endpoints: { token: "http://localhost@as.example/" } },
    "endpoints.token",
  ],
  [
    { ...good, endpoints: { token: "https://as.example/#a" } },
    "endpoints.token",
  ],
  [
    { ...good, endpoints: { token: "https://u@as.example/" } },
    "endpoints.token",
  ],
  [
    { ...good, endpoints: { token: "https://:p@as.example/" } },
    "endpoints.token",
  ],
  [
    {
      ...good,
      endpoints: { ...good.endpoints, revocation: "ftp://as.example" },
    },
    "endpoints.revocation",
  ],
  [{ ...good, issuer: "http://as.example" }, "issuer"],
  [{ ...good, storage: "local" }, "storage"],
  [{ ...good, storage: {} }, "storage"],
  [{ ...good, storage: null }, "storage"],
  [{ ...good, storage: { getItem() {} } }, "storage"],
  [{ ...good, storage: { compareAndSwap() {} } }, "storage"],
  [{ ...good, storage: { getItem: 1, compareAndSwap: 1 } }, "storage"],
  [{ ...good, storageKey: "" }, "storageKey"],
  [{ ...good, clientAuthentication: "basic" }, "clientAuthentication"],
  [{ ...good, clientAuthentication: "client_secret_post" }, "clientSecret"],
  [
    { ...good, clientAuthentication: "none", clientSecret: "s" },
    "clientSecret",
  ],
  [{ ...good, scope: ["openid"] }, "scope"],
  [{ ...good, resource: [7] }, "resource[0]"],
  [{ ...good, extraTokenParams: { audience: 7 } }, "extraTokenParams.audience"],
  [
    { ...good, allowedOrigins: ["https://api.example", "api.example"] },
    "allowedOrigins[1]",
  ],
  [
    { ...good, allowedOrigins: ["https://api.example/v1"] },
    "allowedOrigins[0]",
  ],
  [{ ...good, dpop: "yes" }, "dpop"],
  [{ ...good, redirectUri: "/callback" }, "redirectUri"],
  [{ ...good, redirectUri: "" }, "redirectUri"],
  ...[
    "authorization",
    "revocation",
    "endSession",
    "pushedAuthorizationRequest",
    "jwks",
  ].map((name) => [
    { ...good, endpoints: { ...good.endpoints, [name]: "http://as.example/" } },
    `endpoints.${name}`,
  ]),
  [{ ...good, wasm: 7 }, "wasm"],
  [{ ...good, on: { refreshed: 7 } }, "on.refreshed"],
  [{ ...good, keeper: "" }, "keeper"],
  [{ ...good, keeper: {} }, "keeper"],
  [{ ...good, keeper: null }, "keeper"],
  [{ ...good, on: { refresh() {} } }, "on.refresh"],
];

for (const [options, path] of refused) {
  test(`${path} is named when it is wrong: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => complete(options),
      (error) => {
        assert.equal(error.code, "invalid-options");
        assert.ok(error.message.startsWith(`${path} `), error.message);
        return true;
      },
    );
  });
}

test("tokens go to the origins that are named, and to none where none is", () => {
  const allowedOrigins = ["https://api.example"];
  const named = complete({ ...good, allowedOrigins });
  assert.deepEqual(named.allowedOrigins, allowedOrigins);
  assert.deepEqual(complete(good).allowedOrigins, []);
});

test("an issuer is enough, and then the token endpoint is not known before it is looked up", () => {
  const issuer = "https://as.example/tenant";
  const { forEngine, endpoints, ...rest } = complete({
    clientId: "spa",
    issuer,
  });
  assert.equal(forEngine[0], undefined);
  // Its tokens go to nobody else, wherever the issuer's metadata says that its endpoints are.
  assert.equal(forEngine[7], issuer);
  assert.deepEqual({ ...endpoints }, {});
  assert.equal(rest.issuer, issuer);
});

test("what sign-in needs comes through as it was given", () => {
  const endpoints = {
    ...good.endpoints,
    authorization: "https://as.example/authorize",
    jwks: "https://as.example/jwks",
  };
  const redirectUri = new URL("https://app.example/callback");
  const completed = complete({
    ...good,
    endpoints,
    redirectUri,
    dpop: true,
    scope: "openid",
  });
  assert.deepEqual({ ...completed.endpoints }, endpoints);
  assert.equal(completed.redirectUri, "https://app.example/callback");
  assert.equal(completed.dpop, true);
  assert.equal(completed.scope, "openid");
});

for (const host of ["localhost", "127.0.0.1", "[::1]", "app.localhost"]) {
  test(`http is fine on ${host}`, () => {
    const token = `http://${host}:8080/token`;
    assert.equal(
      complete({ ...good, endpoints: { token } }).forEngine[0],
      token,
    );
  });
}

test("a keeper is a URL, trusted or not, or a registration", () => {
  const trusted = { toJSON: () => "/keeper.js" };
  const registration = { active: null };
  const url = new URL("https://app.example/keeper.js");
  for (const keeper of ["/keeper.js", url, trusted, registration]) {
    assert.equal(complete({ ...good, keeper }).keeper, keeper);
  }
});

test("a store is one of ours, or keeps the contract", () => {
  const own = { getItem() {}, compareAndSwap() {} };
  for (const storage of ["indexeddb", "session", "memory", own]) {
    assert.equal(complete({ ...good, storage }).storage, storage);
  }
});

test("the reason why localStorage is no store is given", () => {
  assert.throws(() => complete({ ...good, storage: "local" }), /durable/);
});

test("a secret is not repeated when something else is wrong", () => {
  const options = {
    ...good,
    clientSecret: "s3cr3t",
    clientAuthentication: "none",
  };
  assert.throws(
    () => complete(options),
    (error) => !error.stack.includes("s3cr3t"),
  );
});

test("what is not said is as the documentation says", () => {
  const completed = complete(good);
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(completed).filter(([, value]) => value !== undefined),
    ),
    {
      forEngine: [
        "https://as.example/token",
        undefined, // no revocation endpoint
        "spa",
        "none",
        undefined, // no secret
        [], // no resource
        [], // no extra parameters
        "https://as.example",
        true, // automatic
        60_000, // leeway
        6_000, // jitter
        10_000, // timeout
        0, // grace
        undefined, // the refresh token's life is not known
        false, // no pause when hidden
      ],
      endpoints: { __proto__: null, token: "https://as.example/token" },
      storage: "indexeddb",
      storageKey: "evergrant:spa",
      timeoutMs: 10_000,
      allowedOrigins: [],
    },
  );
});

test("a client with a secret authenticates by HTTP Basic unless it says otherwise", () => {
  const basic = complete({ ...good, clientSecret: "s" });
  assert.deepEqual(basic.forEngine.slice(3, 5), ["client_secret_basic", "s"]);
  const post = {
    ...good,
    clientSecret: "s",
    clientAuthentication: "client_secret_post",
  };
  assert.deepEqual(complete(post).forEngine.slice(3, 5), [
    "client_secret_post",
    "s",
  ]);
});

test("parameters of the server's own are names and values in turn", () => {
  const extraTokenParams = { audience: "api", tenant: "" };
  const completed = complete({ ...good, extraTokenParams });
  assert.deepEqual(completed.forEngine[6], ["audience", "api", "tenant", ""]);
});

test("an option that is undefined is as good as missing", () => {
  const undefineds = {
    ...good,
    scope: undefined,
    refresh: { leewaySeconds: undefined },
  };
  assert.deepEqual(complete(undefineds), complete(good));
});

test("as many seconds as there are do not wrap around", () => {
  const { timeoutMs } = complete({
    ...good,
    refresh: { timeoutSeconds: 1e308 },
  });
  assert.equal(timeoutMs, Number.MAX_SAFE_INTEGER);
});

test("the arguments of methods are checked likewise", () => {
  const wrong = [
    [tokenOptions, { minValiditySeconds: -1 }],
    [tokenOptions, { forceRefresh: "yes" }],
    [tokenOptions, { refusedToken: 7 }],
    [tokenOptions, { signal: {} }],
    [tokenOptions, { force: true }],
    [setTokensOptions, { receivedAt: new Date("never") }],
    [setTokensOptions, { receivedAt: 7 }],
    [signOutOptions, { revoke: "no" }],
    [signOutOptions, { endSession: 1 }],
    [signOutOptions, { openUrl: "https://as.example" }],
    [signOutOptions, { postLogoutRedirectUri: "" }],
    [signInOptions, { mode: "iframe" }],
    [signInOptions, { maxAge: -1 }],
    [signInOptions, { extraParams: { audience: 7 } }],
    [signInOptions, { extraParams: [] }],
    [signInOptions, { openUrl: "https://as.example" }],
    [signInOptions, { signal: {} }],
    [signInOptions, { scope: "openid" }],
    [callbackUrl, "?code=a&state=b"],
    [onOptions, { once: true }],
  ];
  for (const [check, argument] of wrong) {
    assert.throws(() => check(argument), { code: "invalid-options" });
  }
  const { signal } = new AbortController();
  tokenOptions({ signal, minValiditySeconds: 0 });
  signOutOptions({ endSession: true, openUrl() {} });
  signInOptions({
    mode: "popup",
    maxAge: 0,
    appState: null,
    prompt: "",
    signal,
  });
  callbackUrl(new URL("https://app.example/?code=a&state=b"));
});

test("what stands in Object.prototype is no option", (t) => {
  const stray = {
    revocation: "http://evil.example/",
    clientSecret: "s",
    wasm: "https://evil.example/",
    storage: "memory",
    graceSeconds: 7,
  };
  const before = complete({ ...good, refresh: {} });
  Object.assign(Object.prototype, stray);
  t.after(() => {
    for (const name in stray) delete Object.prototype[name];
  });
  assert.deepEqual(complete({ ...good, refresh: {} }), before);
});
