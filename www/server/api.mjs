import { alg, proves } from "./dpop.mjs";
import { fingerprint } from "./journal.mjs";

/**
 * `GET /api/me`, and whatever else is below `/api/`: a resource, for whoever brings a live access token (RFC 6750 §2.1, §3)
 * that is for this resource or for none (RFC 8707), and, if it is bound to a key, proves to have the key (RFC 9449 §7.1).
 */
export function api({ provider, journal }) {
  return async (ctx, next) => {
    if (ctx.method !== "GET" || !ctx.path.startsWith("/api/")) return next();
    const at = Date.now();
    const [, scheme, value] =
      /^(Bearer|DPoP) ([\w\-.~+/]+=*)$/i.exec(ctx.get("Authorization")) ?? [];
    const found = value && (await provider.AccessToken.find(value));
    const token = (await isShownWell(ctx, scheme, value, found)) && found;
    if (token) {
      ctx.body = {
        sub: token.accountId,
        scope: token.scope,
        expires_in: token.remainingTTL,
        token_type: token.tokenType,
      };
    } else {
      const challenge = isDPoP(scheme) ? `DPoP algs="${alg}",` : "Bearer";
      ctx.status = 401;
      ctx.set(
        "WWW-Authenticate",
        value ? `${challenge} error="invalid_token"` : challenge,
      );
      ctx.body = { error: value ? "invalid_token" : "no access token" };
    }
    journal.add({
      kind: "api",
      at,
      client: token?.clientId,
      status: ctx.status,
      access: fingerprint(value),
      bound: isDPoP(token?.tokenType),
      ms: Date.now() - at,
    });
  };
}

/** Whether the request shows the token it brings as its kind has to be shown: a bound one is no bearer token (RFC 9449 §7.2). */
async function isShownWell(ctx, scheme, value, token) {
  if (!token || isDPoP(scheme) !== isDPoP(token.tokenType)) return false;
  const { method, href: url } = ctx;
  if (token.aud && token.aud !== url) return false;
  if (!token.jkt) return true;
  const wanted = { method, url, token: value, thumbprint: token.jkt };
  return proves(ctx.get("DPoP"), wanted);
}

function isDPoP(scheme) {
  return scheme?.toLowerCase() === "dpop";
}
