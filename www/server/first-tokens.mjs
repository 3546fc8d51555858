import { clients } from "./clients.mjs";
import { person } from "./provider.mjs";

/**
 * The answer an authorization code would have brought (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3), made by
 * oidc-provider's own models; the tokens are as good as any at its endpoints.
 */
export async function firstTokens(
  provider,
  {
    client: clientId = clients.public.clientId,
    scope = "openid profile email offline_access",
  } = {},
) {
  const client = await provider.Client.find(clientId);
  if (!client) throw new TypeError(`there is no client ${clientId}`);
  const accountId = "ada";

  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();

  const common = {
    accountId,
    client,
    grantId,
    scope,
    gty: "authorization_code",
  };
  const accessToken = new provider.AccessToken(common);
  const answer = {
    access_token: await accessToken.save(),
    token_type: accessToken.tokenType,
    expires_in: accessToken.expiration,
    scope,
  };
  const scopes = scope.split(" ");
  if (scopes.includes("offline_access")) {
    const refreshToken = new provider.RefreshToken({ ...common, rotations: 0 });
    answer.refresh_token = await refreshToken.save();
  }
  if (scopes.includes("openid")) {
    const idToken = new provider.IdToken(person(accountId), { client });
    idToken.scope = scope;
    answer.id_token = await idToken.issue({ use: "idtoken" });
  }
  return answer;
}
