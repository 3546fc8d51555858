// The two authorization servers, and how a round meets them.
import { djangoServer } from "../django/django.mjs";
import { openSite } from "../support/site.mjs";

/** An access token's life, in seconds, where a test waits for its end; and where it does not. */
export const short = 6;
export const long = 300;

/** It forgives no double spending: a refresh token that comes back ends its whole family. */
export const strict = {
  name: "oidc-provider",

  // Its proxy answers each request on a connection of its own: on one that was used before, browsers send a request again
  // by themselves when it ends without an answer.
  open: (round, lifetime) =>
    openSite(round, { AccessTokenLifetime: lifetime }, { faultProxy: true }),
};

/** It forgives for three seconds. */
export const graceful = {
  name: "django-oauth-toolkit",
  repeats: true,

  open(round, lifetime) {
    const authorizationServer = () => djangoServer(lifetime);
    return openSite(round, {}, { authorizationServer });
  },
};
