/**
 * A client of the SDK for this app. The server's metadata says where its endpoints are, but for those that the fault proxy
 * stands before. `dpop`: whether a sign-in binds its tokens to a key of this browser; `par`: whether it pushes its request.
 */
export async function openClient({ dpop, par }) {
  const { createClient } = await import("/evergrant/index.js");
  const [settings, { pushedAuthorizationRequest, ...endpoints }] =
    await Promise.all(["/settings", "/endpoints"].map(read));
  return createClient({
    clientId: "evergrant-spa",
    issuer: location.origin,
    endpoints: par ? { ...endpoints, pushedAuthorizationRequest } : endpoints,
    redirectUri: `${location.origin}/`,
    scope: "openid profile email offline_access",
    dpop,
    allowedOrigins: [location.origin],
    keeper: "/evergrant/keeper.js",
    refresh: {
      refreshTokenLifetimeSeconds: settings.RefreshTokenValidityPeriod,
    },
  });
}

async function read(path) {
  const response = await fetch(path);
  return response.json();
}
