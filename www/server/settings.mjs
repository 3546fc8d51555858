/**
 * What the server can be told while it runs. Two names are WSO2's own, from its page on the refresh token grant.
 *
 * - `RefreshTokenValidityPeriod`: seconds a refresh token lives.
 * - `RenewRefreshTokenForRefreshGrant`: true hands out a new refresh token with every refresh and retires the old one;
 *   false answers with the same one for as long as it lives.
 * - `AccessTokenLifetime`: seconds an access token lives.
 * - `AskUser`: true shows a page where the user says yes or no to a sign-in; false says yes at once.
 * - `IsolatePages`: true cuts the server's pages off from whoever has opened them (Cross-Origin-Opener-Policy).
 * - `RequireDPoPNonce`: true takes no DPoP proof without the server's nonce (RFC 9449 §8).
 * - `RequirePushedAuthorizationRequests`: true takes no authorization request but a pushed one (RFC 9126 §5); only
 *   when the server starts.
 * - `DropConnections`: cut every connection to the token, revocation and API endpoints without an answer.
 */
const defaults = {
  RefreshTokenValidityPeriod: 84600,
  RenewRefreshTokenForRefreshGrant: true,
  AccessTokenLifetime: 60,
  AskUser: false,
  IsolatePages: false,
  RequireDPoPNonce: false,
  RequirePushedAuthorizationRequests: false,
  DropConnections: false,
};

/** Settings that check what they are given and tell their listeners after a change. */
export class Settings {
  #values = { ...defaults };
  #listeners = new Set();

  constructor(initial = {}) {
    this.set(initial);
  }

  /** A copy of what holds now. */
  get values() {
    return { ...this.#values };
  }

  /** Changes some settings, all or none; a TypeError names the first that is unknown or of the wrong kind. */
  set(changes) {
    if (changes === null || typeof changes !== "object") {
      throw new TypeError("settings must be an object");
    }
    for (const [name, value] of Object.entries(changes)) check(name, value);
    Object.assign(this.#values, changes);
    for (const listener of this.#listeners) listener(this.values);
    return this.values;
  }

  /** Calls `listener` after every change; returns the function that stops it. */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function check(name, value) {
  if (!Object.hasOwn(defaults, name)) {
    throw new TypeError(`there is no setting ${name}`);
  }
  if (typeof defaults[name] === "boolean" && typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false`);
  }
  if (
    typeof defaults[name] === "number" &&
    !(Number.isSafeInteger(value) && value > 0)
  ) {
    throw new TypeError(`${name} must be a whole number of seconds, 1 or more`);
  }
}
