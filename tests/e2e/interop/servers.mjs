// Keycloak by what its realms make of refresh tokens, and how a round meets it.
import { openSite } from "../support/site.mjs";
import { keycloak } from "./keycloak.mjs";

/** It forgives nothing: a refresh token that comes back ends the whole session. */
export const strict = server("Keycloak that revokes spent tokens", {
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 0,
});

/** Every refresh token may come back once. */
export const forgiving = server("Keycloak that lets them come back once", {
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 1,
});

/** As it comes: every refresh brings another token, and the old ones stay good. */
export const lenient = server("Keycloak as it comes", {});

function server(name, settings) {
  /** A site before this Keycloak, and the user whose tokens its tabs take over. `needs`: see realm.mjs. */
  const openWithUser = async (round, lifetime, needs) => {
    const realm = await (await keycloak()).realm(settings);
    const user = await realm.addUser();
    const authorizationServer = (origin) =>
      realm.serve(origin, { user, lifetime, ...needs });
    const site = await openSite(round, {}, { authorizationServer });
    return { site, user };
  };
  return {
    name,
    repeats: false,
    openWithUser,
    open: async (...args) => (await openWithUser(...args)).site,
  };
}
