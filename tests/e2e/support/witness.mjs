import assert from "node:assert/strict";

/**
 * Everything that the pages of a site let out: what their consoles, errors, events, histories, snapshots and addresses
 * said. Searched, when the site closes, for every secret its server ever issued or knows.
 */
export class Witness {
  #seen = [];

  /** Notes that `text` was seen in `place`. */
  note(place, text) {
    // The one place where a token has to stand: the server's own logout page (OpenID Connect RP-Initiated Logout §2).
    const hint = /(?<=\/logout\?(.*&)?id_token_hint=)[^&]+/;
    this.#seen.push({ place, text: text.replace(hint, "") });
  }

  /** How often each kind of place was seen. */
  get counts() {
    const counts = {};
    for (const { place } of this.#seen)
      counts[place] = (counts[place] ?? 0) + 1;
    return counts;
  }

  /** The places in which a secret was seen. */
  leaks(server) {
    const secrets = secretsOf(server);
    return this.#seen.filter(({ text }) =>
      secrets.some((secret) => text.includes(secret)),
    );
  }

  /** Fails if a secret was seen anywhere. */
  assertNoSecrets(server) {
    const places = this.leaks(server).map(({ place }) => place);
    assert.deepEqual(places, [], "a secret was seen there");
  }
}

/** Tokens and client secrets by value, and as they look in addresses, in JSON and in Base64. */
function secretsOf({ journal, clients }) {
  const secrets = new Set();
  for (const { wire } of journal) {
    const { access_token, refresh_token, id_token } = wire?.answer ?? {};
    const verifier = new URLSearchParams(wire?.body).get("code_verifier");
    for (const token of [access_token, refresh_token, id_token, verifier]) {
      if (token) secrets.add(token);
    }
  }
  for (const { clientId, clientSecret } of Object.values(clients)) {
    if (!clientSecret) continue;
    const form = new URLSearchParams({ "": clientSecret }).toString().slice(1);
    secrets.add(clientSecret).add(form);
    secrets.add(btoa(`${encodeURIComponent(clientId)}:${form}`));
    secrets.add(btoa(`${clientId}:${clientSecret}`));
  }
  return [...secrets].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    btoa(secret),
    // A part gives away the whole as well, where it is long enough to be told from chance.
    ...(secret.length > 24 ? [secret.slice(-16)] : []),
  ]);
}
