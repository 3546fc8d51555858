// A registered symbol is the same in every copy of the package that a page may hold.
const brand = Symbol.for("evergrant.OAuthClientError");

/** What every promise of this package rejects with. Carries its `cause`; never a secret. */
export class OAuthClientError extends Error {
  static [Symbol.hasInstance](value) {
    return this === OAuthClientError
      ? value?.[brand] === true
      : super[Symbol.hasInstance](value);
  }

  /**
   * @param {string} code one of the codes of types.d.ts
   * @param {string} message what happened and what to do
   * @param {object} [fields] the other members, left out where null or undefined; and `cause`
   */
  constructor(code, message, { cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { code, retryable: false });
    for (const [name, value] of Object.entries(fields)) {
      if (value != null) this[name] = value;
    }
  }
}

Object.assign(OAuthClientError.prototype, {
  name: "OAuthClientError",
  [brand]: true,
});

/** The caller gave up. */
export function aborted({ reason: cause }) {
  return new OAuthClientError("aborted", "The caller aborted.", { cause });
}

/** What does not work here, or not yet. */
export function unsupported(what) {
  return new OAuthClientError("unsupported", `${what} is not supported.`);
}

/** What an engine that fails leaves to say. */
export function internal(cause) {
  return new OAuthClientError(
    "internal",
    "The engine failed. The session is in the store; try again.",
    { retryable: true, cause },
  );
}
