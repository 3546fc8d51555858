// The steps of discovery, sign-in and sign-out that the engine's rules decide: `ask(step, ...facts)`.
// `src/api/flow.rs` has the same list. A request is what `post` in request.js takes; an answer what
// `answer` there gives.

/** An issuer: where its metadata may be. */
export const WELL_KNOWN = 0;
/** An issuer, and the text of its metadata: the endpoints in the order of endpoints.js; nothing of another's. */
export const METADATA = 1;
/**
 * The authorization endpoint, and the one to push to, if any; redirect URI, scope, state, challenge, nonce,
 * login hint, prompt, ACR values, maximal age, key; more parameters, names and values by turns. The URL for
 * the user; or the request that pushes it.
 */
export const AUTHORIZE = 2;
/** The authorization endpoint and the answer to what was pushed: the URL for the user; or nothing, and the error. */
export const PUSHED = 3;
/** The parameters of a URL, names and values by turns: the state, if it is a callback. */
export const CALLBACK = 4;
/**
 * Likewise; the issuer; whether it has to name itself. The code; or nothing, and the part that is wrong; or
 * nothing twice, and the server's error and its description.
 */
export const CHECK = 5;
/** The token endpoint, the code, redirect URI and verifier: the request. */
export const CODE = 6;
/** Whether tokens have to be bound; the answer; the code and the verifier. Whether the proof is to be made again; the nonce; the error. */
export const EXCHANGED = 7;
/**
 * An ID token; issuer, nonce, the SHA-256 and the SHA-512 of the access token, maximal age, the time in seconds.
 * What is wrong, and whether it is about time; or nothing, the algorithm, the key's ID, and what it signed
 * and how.
 */
export const ID_TOKEN = 8;
/** A public key's coordinates: what its thumbprint is the hash of. */
export const KEY = 9;
/**
 * Likewise; method, URL, a random name, the time in seconds, the server's nonce, the SHA-256 of the access
 * token: what a DPoP proof signs.
 */
export const PROOF = 10;
/** What was signed, and the signature: the JWT. */
export const JOIN = 11;
/** The endpoint, the ID token, and where to go then: the URL for the user. */
export const LOGOUT = 12;
/** Bytes: their base64url, as names, the code verifier and its challenge (RFC 7636 §4) are written. */
export const ENCODE = 13;
