/** The two clients the server knows. The secret is for development only, and has every character that Basic must encode (RFC 6749 §2.3.1). */
export const clients = {
  public: { clientId: "evergrant-spa" },
  confidential: {
    clientId: "evergrant-confidential",
    clientSecret: "development only: 100% & a+b/c=d?",
  },
};

/** Their metadata, as oidc-provider wants it. */
export function clientMetadata(origin) {
  const common = {
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    redirect_uris: [`${origin}/`, `${origin}/page/`, `${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/`, `${origin}/page/`],
  };
  return [
    {
      ...common,
      client_id: clients.public.clientId,
      token_endpoint_auth_method: "none",
    },
    {
      ...common,
      client_id: clients.confidential.clientId,
      client_secret: clients.confidential.clientSecret,
      token_endpoint_auth_method: "client_secret_basic",
    },
  ];
}
