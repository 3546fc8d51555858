// A tab that signs in at an authorization server, both in Node.
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { json, openTab, serve, storage } from "./page.mjs";
import { client } from "./rules.mjs";
import { load } from "./support.mjs";

const { openDpop } = await load("dpop.js");
const { openEndpoints } = await load("endpoints.js");
const { openSignIn } = await load("sign-in.js");

export const issuer = "https://as.example";
export const redirectUri = "https://app.example/callback";

const { privateKey, publicKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
});

const encode = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (text) => encode(createHash("sha256").update(text).digest());

function idToken(claims) {
  const now = Math.floor(Date.now() / 1000);
  const said = { iss: issuer, sub: "ada", aud: "spa", iat: now, ...claims };
  const input = [{ alg: "ES256" }, { exp: now + 300, ...said }]
    .map((part) => encode(JSON.stringify(part)))
    .join(".");
  const how = { key: privateKey, dsaEncoding: "ieee-p1363" };
  return `${input}.${encode(sign("sha256", Buffer.from(input), how))}`;
}

/**
 * A right server. `wrong` may answer in its place: it is given a request, and how many there were at that path;
 * `claims` and `answer` change what it says.
 */
export function openServer(t, { wrong, claims, answer } = {}) {
  const codes = new Map();
  const pushed = new Map();
  const counts = {};

  function exchange({ form, headers }) {
    const asked = codes.get(form.get("code"));
    codes.delete(form.get("code"));
    const right =
      asked?.get("redirect_uri") === form.get("redirect_uri") &&
      asked.get("code_challenge") === sha256(form.get("code_verifier") ?? "");
    if (!right) return json({ error: "invalid_grant" }, 400);
    const nonce = asked.get("nonce") ?? undefined;
    return json({
      access_token: randomUUID(),
      token_type: headers.has("dpop") ? "DPoP" : "Bearer",
      expires_in: 300,
      refresh_token: randomUUID(),
      id_token: idToken({ nonce, ...claims }),
      ...answer,
    });
  }

  const requests = serve(t, async (request) => {
    const { pathname } = new URL(request.url);
    counts[pathname] = (counts[pathname] ?? 0) + 1;
    const instead = await wrong?.(request, counts[pathname]);
    if (instead) return instead;
    if (pathname === "/token") return exchange(request);
    if (pathname === "/jwks") {
      return { keys: [publicKey.export({ format: "jwk" })] };
    }
    if (pathname !== "/par") return new Response("", { status: 404 });
    const uri = `urn:request:${randomUUID()}`;
    pushed.set(uri, request.form);
    return json({ request_uri: uri, expires_in: 60 }, 201);
  });

  return {
    requests,
    at: (path) => requests.filter(({ url }) => new URL(url).pathname === path),
    /** The user signs in: where the browser is sent then. */
    authorize(url, changes = {}) {
      const { searchParams } = new URL(url);
      const asked = pushed.get(searchParams.get("request_uri")) ?? searchParams;
      const code = randomUUID();
      codes.set(code, asked);
      const answer = { code, state: asked.get("state"), iss: issuer };
      const to = new URL(asked.get("redirect_uri"));
      for (const [name, value] of Object.entries({ ...answer, ...changes })) {
        if (value !== undefined) to.searchParams.set(name, value);
      }
      return to.href;
    },
  };
}

const endpoints = {
  token: `${issuer}/token`,
  authorization: `${issuer}/authorize`,
  pushedAuthorizationRequest: undefined,
  jwks: `${issuer}/jwks`,
};

/**
 * A page of the tab that has these `items`, shown at `href`. `promises` are the metadata's; `begin` begins the
 * session, if it does. What has begun is in `begun`.
 */
export function openPage(
  t,
  { href = redirectUri, items = storage(), promises, begin, ...options } = {},
) {
  const tab = openTab(t, href, items);
  const { settings, ask } = client({
    issuer,
    redirectUri,
    scope: "openid",
    ...options,
    endpoints: { ...endpoints, ...options.endpoints },
  });
  const known = { ...settings.endpoints, ...promises };
  const server = {
    endpoints: openEndpoints({ ...settings, endpoints: known }, ask),
    dpop: openDpop(settings.storageKey, true, ask),
  };
  const begun = [];
  const signIn = openSignIn(settings, {
    ...server,
    ask,
    begin: async (...it) => {
      await begin?.(...it);
      begun.push(it);
    },
  });
  return {
    ...signIn,
    tab,
    begun,
    /** Where the user is sent. */
    async ask(options) {
      let to;
      await signIn.signIn({ openUrl: (url) => void (to = url), ...options });
      return to;
    },
    kept: () => Object.keys(items).filter((it) => it.includes(":sign-in:")),
  };
}
