import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider, { errors } from "oidc-provider";
import { clientMetadata } from "./clients.mjs";
import { signOutPage } from "./sign-in-page.mjs";
import { createStore } from "./store.mjs";

/** Where the endpoints are: the paths of the server whose documentation the demo follows (WSO2). */
export const paths = {
  token: "/oauth2/token",
  revocation: "/oauth2/revoke",
  authorization: "/oauth2/authorize",
  endSession: "/oidc/logout",
  pushedAuthorizationRequest: "/oauth2/par",
  jwks: "/oauth2/jwks",
  interaction: "/interaction",
};

const oneYear = 365 * 24 * 3600;

/** An authorization server with strict rotation: a refresh token that comes back after its rotation ends its whole family. */
export function createProvider(origin, settings) {
  return new Provider(origin, {
    adapter: createStore(),
    clients: clientMetadata(origin),
    // Default 15 s: tokens would outlive their `expires_in`, and hide a refresh that comes late.
    clockTolerance: 0,
    clientBasedCORS: (ctx, requestOrigin) => isLocal(requestOrigin),
    rotateRefreshToken: () => settings.values.RenewRefreshTokenForRefreshGrant,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: () => settings.values.AccessTokenLifetime,
      RefreshToken: () => settings.values.RefreshTokenValidityPeriod,
      IdToken: () => settings.values.AccessTokenLifetime,
      Grant: oneYear,
      Session: oneYear,
      Interaction: 3600,
    },
    routes: {
      token: paths.token,
      revocation: paths.revocation,
      authorization: paths.authorization,
      end_session: paths.endSession,
      pushed_authorization_request: paths.pushedAuthorizationRequest,
      jwks: paths.jwks,
      userinfo: "/oauth2/userinfo",
    },
    scopes: ["openid", "offline_access", "profile", "email"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
    conformIdTokenClaims: false,
    interactions: { url: (ctx, { uid }) => `${paths.interaction}/${uid}` },
    // A refresh token for everybody who may use one, whatever the prompt.
    issueRefreshToken: (ctx, client) =>
      client.grantTypeAllowed("refresh_token"),
    findAccount: (ctx, sub) => ({ accountId: sub, claims: () => person(sub) }),
    features: {
      devInteractions: { enabled: false },
      dPoP: {
        enabled: true,
        // With it, CORS lets pages read nonces.
        nonceSecret: randomBytes(32),
        requireNonce: () => settings.values.RequireDPoPNonce,
      },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests:
          settings.values.RequirePushedAuthorizationRequests,
      },
      rpInitiatedLogout: {
        enabled: true,
        // Nobody is asked: whoever was sent here has just said so.
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form);
        },
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, resource) => {
          if (!resource.startsWith(`${origin}/api/`)) {
            throw new errors.InvalidTarget();
          }
          return { scope: "profile email" };
        },
      },
      revocation: {
        enabled: true,
        allowedPolicy: (ctx, client, token) =>
          token.clientId === client.clientId,
      },
    },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    jwks: { keys: [(signingKey ??= newKey())] },
  });
}

/** Whether an origin is of this machine; no other may read what the server answers. */
export function isLocal(origin) {
  return URL.canParse(origin) && new URL(origin).hostname === "localhost";
}

/** The claims of the one who is always signed in here. */
export function person(sub) {
  return { sub, name: "Ada Lovelace", email: "ada@example.com" };
}

// Making one takes longer than starting a server; all servers of a process have the same.
let signingKey;

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" };
}
