// The code flow with PKCE, by hand.
import assert from "node:assert/strict";

/** A verifier and its challenge: those of RFC 7636, appendix B. */
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** Where a client of Keycloak's sends whoever is to sign in. */
export function authorizationUrl({ issuer, client, redirectUri }) {
  const query = new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return `${issuer}/protocol/openid-connect/auth?${query}`;
}

/** The form that brings tokens for the code in the URL with which Keycloak sends them back. */
export function exchangeForm(callback, { client, redirectUri }) {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: new URL(callback).searchParams.get("code"),
    redirect_uri: redirectUri,
    client_id: client.clientId,
    code_verifier: verifier,
  });
  if (client.clientSecret) form.set("client_secret", client.clientSecret);
  return form;
}

/** Signs a user in without a browser, by what Keycloak's form would send; resolves to the token answer. */
export async function signInByForm({ user, ...flow }) {
  const page = await fetch(authorizationUrl(flow));
  const [, action] = /action="([^"]+)"/.exec(await page.text());
  const cookies = page.headers.getSetCookie().map((it) => it.split(";")[0]);
  const { username, password } = user;
  const sentBack = await fetch(action.replaceAll("&amp;", "&"), {
    method: "POST",
    headers: { Cookie: cookies.join("; ") },
    body: new URLSearchParams({ username, password }),
    redirect: "manual",
  });
  const callback = sentBack.headers.get("Location");
  const response = await fetch(`${flow.issuer}/protocol/openid-connect/token`, {
    method: "POST",
    body: exchangeForm(callback, flow),
  });
  assert.equal(response.status, 200);
  return response.json();
}
