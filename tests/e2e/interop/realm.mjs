import { randomUUID } from "node:crypto";
import { signInByForm } from "./code-flow.mjs";

/** Every character in it must be encoded for Basic (RFC 6749 §2.3.1), one of them as UTF-8. */
const clientSecret = "p&+% s:ü, for tests only";

/** A realm of Keycloak's. */
export class Realm {
  #administrator;
  #name;

  constructor(administrator, name) {
    this.#administrator = administrator;
    this.#name = name;
  }

  /** Makes somebody who can sign in. Whoever has no e-mail or names is asked for them at the log-in. */
  async addUser() {
    const username = randomUUID();
    const password = randomUUID();
    const email = `${username}@example.com`;
    const id = await this.#send("POST", "/users", {
      username,
      enabled: true,
      email,
      emailVerified: true,
      firstName: "Ada",
      lastName: "Lovelace",
      credentials: [{ type: "password", value: password }],
    });
    return {
      id,
      username,
      password,
      email,

      /** The sessions that the user has at the server. */
      sessions: () => this.#send("GET", `/users/${id}/sessions`),

      /** Ends them all, behind the pages' backs. */
      endSessions: () => this.#send("POST", `/users/${id}/logout`),
    };
  }

  /**
   * Makes a public and a confidential client for the pages of `origin`, and gives this realm as elsewhere.mjs takes it.
   * `user` is who signs in for first tokens; `lifetime` an access token's, in seconds; `par` and `dpop`, whether both are asked for.
   */
  async serve(origin, { user, lifetime, par = false, dpop = false }) {
    const id = randomUUID();
    const clients = {
      public: { clientId: `public-${id}` },
      confidential: { clientId: `confidential-${id}`, clientSecret },
    };
    const redirectUri = `${origin}/page/`;
    for (const { clientId, clientSecret: secret } of Object.values(clients)) {
      await this.#send("POST", "/clients", {
        clientId,
        secret,
        publicClient: secret === undefined,
        redirectUris: [redirectUri],
        webOrigins: [origin],
        attributes: {
          "access.token.lifespan": lifetime,
          "dpop.bound.access.tokens": dpop,
          "pkce.code.challenge.method": "S256",
          "post.logout.redirect.uris": redirectUri,
          "require.pushed.authorization.requests": par,
        },
      });
    }
    const issuer = `/realms/${this.#name}`;
    const endpoints = `${issuer}/protocol/openid-connect`;
    return {
      origin: this.#administrator.origin,
      paths: {
        issuer,
        token: `${endpoints}/token`,
        revocation: `${endpoints}/revoke`,
      },
      clients,
      resource: `${endpoints}/userinfo`,
      signIn({ front, clientId = clients.public.clientId }) {
        const client = Object.values(clients).find(
          (it) => it.clientId === clientId,
        );
        const issuerUrl = front + issuer;
        return signInByForm({ issuer: issuerUrl, client, redirectUri, user });
      },
    };
  }

  #send(method, path, body) {
    return this.#administrator.send(method, `/${this.#name}${path}`, body);
  }
}
