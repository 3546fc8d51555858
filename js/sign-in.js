// The code flow with PKCE (RFC 6749 §4.1, RFC 7636): what is asked, by redirect or by popup, and what comes of
// the answer. What lies between lies in sessionStorage: a sign-in belongs to one tab, and outlives reloads.

import { invalid } from "./check.js";
import { hear, learn } from "./clock.js";
import { hash, random } from "./dpop.js";
import { missing } from "./endpoints.js";
import { aborted, OAuthClientError, unsupported } from "./error.js";
import {
  AUTHORIZE,
  CALLBACK,
  CHECK,
  CODE,
  ENCODE,
  EXCHANGED,
  LOGOUT,
  PUSHED,
} from "./flows.js";
import { check } from "./id-token.js";
import { own } from "./options.js";
import { openPopup, passOn, POPUP } from "./popup.js";
import { answer, headersOf, post } from "./request.js";
import { failure } from "./shapes.js";

/** How long a sign-in may take, in milliseconds. */
const LIFETIME_MS = 3_600_000;

/** How often a code is sent again because the server did not like the DPoP proof. */
const PROOFS = 3;

/** What an answer adds to the URL (RFC 6749 §4.1.2, RFC 9207 §2, OpenID Connect Session Management §2). */
const ADDED = [
  "code",
  "state",
  "iss",
  "session_state",
  "error",
  "error_description",
  "error_uri",
];

/** Sign-ins that are being completed, by their state: React calls twice. */
const completions = new Map();

/** What the token endpoint has said to their codes, which are good for once, until the session has begun. */
const answers = new Map();

/**
 * Sign-ins with these settings. `endpoints` and `dpop` are the server's and the keys', `ask` asks the engine's
 * rules, `begin` begins a session.
 */
export function openSignIn(settings, { endpoints, dpop, ask, begin }) {
  const { issuer, storageKey, redirectUri, scope = "", timeoutMs } = settings;
  const prefix = `${storageKey}:sign-in:`;
  // Whose answer it may be: an issuer, or who stands for one.
  const server = issuer ?? settings.endpoints.token;

  async function exchange(name, request, key, ...secrets) {
    let nonce;
    for (let tries = 0; ; tries++) {
      if (!answers.has(name)) {
        const proof = key && (await dpop.proof(key, "POST", request[0], nonce));
        const sent = await send(request, proof);
        answers.set(name, { sent, receivedAt: Date.now() });
      }
      const { sent, receivedAt } = answers.get(name);
      const [again, newer, error] = ask(
        EXCHANGED,
        Boolean(key),
        { ...sent },
        ...secrets,
      );
      nonce = newer ?? nonce;
      if (error) answers.delete(name);
      if (again && tries < PROOFS) {
        if (again === "late") await dpop.late(key, await learn());
        continue;
      }
      if (error) throw failure(error);
      return { tokens: JSON.parse(sent.body), nonce, receivedAt };
    }
  }

  async function send([url, body, authorization], proof) {
    const request = [url, body, headersOf(authorization, proof)];
    const signal = AbortSignal.timeout?.(timeoutMs);
    try {
      const response = await fetch(post(request, { signal }));
      hear(response.headers);
      return await answer(response);
    } catch (cause) {
      throw new OAuthClientError(
        cause?.name === "TimeoutError" ? "timeout" : "network",
        "No answer: no connection, or the server's CORS refuses this origin.",
        { retryable: true, cause },
      );
    }
  }

  /** Where to send the user; and what the answer will be held against. */
  async function prepare(options, state) {
    const {
      authorization,
      token,
      pushedAuthorizationRequest,
      requiresPush,
      promisesIssuer,
    } = await endpoints("authorization", "token");
    const push =
      (requiresPush || settings.endpoints.pushedAuthorizationRequest) &&
      pushedAuthorizationRequest;
    if (!authorization) throw missing("authorization");
    if (!token) throw missing("token");
    const key = settings.dpop ? await dpop.create() : undefined;
    const verifier = random(ask);
    // An ID token that nobody has asked for comes without.
    const nonce = /(^| )openid( |$)/.test(scope) ? random(ask) : undefined;
    const { maxAge, appState } = options;
    const at = Date.now();
    const kept = {
      server,
      promisesIssuer,
      verifier,
      nonce,
      key,
      maxAge,
      appState,
      at,
    };
    const request = ask(
      AUTHORIZE,
      authorization,
      push,
      redirectUri,
      scope,
      state,
      ask(ENCODE, await hash(verifier)),
      nonce,
      options.loginHint,
      options.prompt,
      options.acrValues,
      maxAge === undefined ? undefined : `${maxAge}`,
      key,
      Object.entries(options.extraParams ?? {}).flat(),
    );
    let [url, error] = request;
    if (push) [url, error] = ask(PUSHED, authorization, await send(request));
    if (error && !url) throw failure(error);
    try {
      forgetOld();
      sessionStorage.setItem(prefix + state, JSON.stringify(kept));
    } catch (cause) {
      throw new OAuthClientError(
        "storage",
        "sessionStorage cannot keep the sign-in, or its `appState`.",
        { cause },
      );
    }
    return url;
  }

  function forgetOld() {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(prefix) && !young(name)) {
        sessionStorage.removeItem(name);
      }
    }
  }

  /** A sign-in of this tab's, if it is not too old. */
  function young(name) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(name));
      if (Math.abs(Date.now() - kept.at) < LIFETIME_MS) return kept;
    } catch {
      // There is none, or no sessionStorage.
    }
    return undefined;
  }

  /** What comes of an answer; null if it is to none of this tab's questions. */
  function complete(state, pairs) {
    const name = prefix + state;
    const kept = young(name);
    if (kept?.server !== server) return null;
    const { appState, at, done } = kept;
    if (done) return { appState };
    const completed = () => {
      answers.delete(name);
      const item = JSON.stringify({ server, appState, at, done: true });
      try {
        sessionStorage.setItem(name, item);
      } catch {
        // It is full: a reload will not know of it.
      }
      return { appState };
    };
    const failed = (error) => {
      // Where no answer came, the code may still be good; and tokens that came are, too.
      if (!error.retryable && error.code !== "closed") {
        answers.delete(name);
        sessionStorage.removeItem(name);
      }
      throw error;
    };
    const joined = completions.get(name)?.catch((error) => {
      // React may have closed the client that had begun.
      if (/closed|internal/.test(error.code)) return complete(state, pairs);
      throw error;
    });
    if (joined) return joined;
    const completion = believe(name, kept, pairs)
      .then(completed, failed)
      .finally(() => completions.delete(name));
    completions.set(name, completion);
    return completion;
  }

  async function believe(name, kept, pairs) {
    const { promisesIssuer, verifier, nonce, key, maxAge } = kept;
    const { token } = await endpoints("token");
    if (!token) throw missing("token");
    const [code, part, oauthError, oauthErrorDescription] = ask(
      CHECK,
      [...pairs],
      issuer,
      Boolean(promisesIssuer),
    );
    if (!code) {
      throw oauthError === undefined
        ? new OAuthClientError(
            "callback",
            `The answer in the URL is refused: its ${part} is wrong.`,
          )
        : new OAuthClientError(
            "oauth",
            "The server did not sign the user in: see `oauthError`.",
            { oauthError, oauthErrorDescription },
          );
    }
    const request = ask(CODE, token, code, redirectUri, verifier);
    const exchanged = await exchange(name, request, key, code, verifier);
    const { tokens, nonce: newer, receivedAt } = exchanged;
    const { id_token: idToken, access_token: accessToken } = tokens;
    // Who asks for one has to get one (OpenID Connect Core §3.1.3.3).
    if (idToken || nonce) {
      const { jwks } = await endpoints("jwks");
      const claims = { idToken, accessToken, nonce, maxAge };
      await check(claims, { issuer, jwks, timeoutMs }, ask);
    }
    const start = () => begin(tokens, receivedAt, key, newer);
    await start().catch((error) => {
      // Another tab has signed in meanwhile, which this one knows by now: the last one counts.
      if (error.code !== "session-ended") throw error;
      return start();
    });
    dpop.tidy(key);
  }

  return {
    /** Ends the server's session, too (OpenID Connect RP-Initiated Logout). The one here has ended. */
    async signOut(idToken, { postLogoutRedirectUri, openUrl }) {
      try {
        const { endSession } = await endpoints("endSession");
        if (!endSession) return;
        await go(
          ask(LOGOUT, endSession, idToken, postLogoutRedirectUri),
          openUrl,
        );
      } catch (error) {
        globalThis.reportError?.(error);
      }
    },

    /** Rejects with `id-token` if one that came with a refresh cannot be believed; its tokens are stored by then. */
    async verify(idToken) {
      // Who never signs in here may have tokens of any kind.
      if (!redirectUri || !idToken) return;
      const { jwks } = await endpoints("jwks");
      await check({ idToken }, { issuer, jwks, timeoutMs }, ask);
    },

    async signIn(asked) {
      const { mode, openUrl, signal, ...options } = own(asked);
      if (!crypto.subtle || !items()) {
        throw unsupported("Signing in here");
      }
      if (settings.dpop && settings.inMemory && mode !== "popup") {
        throw unsupported("A redirect with a key in memory");
      }
      if (!redirectUri) throw invalid("redirectUri", "must be set to sign in");
      if (signal?.aborted) throw aborted(signal);
      const state = (mode === "popup" ? POPUP : "") + random(ask);
      if (mode !== "popup") {
        const url = await prepare(options, state);
        if (signal?.aborted) throw aborted(signal);
        await go(url, openUrl);
        return;
      }
      // The user's gesture counts before anything is awaited.
      const popup = openPopup(state, signal, async (url) => {
        if (await complete(state, parameters(url))) return;
        throw new OAuthClientError("callback", "It came too late.", {
          retryable: true,
        });
      });
      try {
        popup.go(await prepare(options, state));
      } catch (error) {
        popup.close();
        throw error;
      }
      await popup.done;
    },

    async complete(url) {
      const pairs = parameters(url);
      const [state] = ask(CALLBACK, [...pairs]);
      if (!state) return null;
      const { href } = location;
      const shown = () =>
        location.href === href && new URL(url, href).href === href;
      try {
        const completed = await complete(state, pairs);
        if (!completed) return passOn(state, url);
        if (shown()) clean();
        return completed;
      } catch (error) {
        // One that can be tried again, by this client or by another, is left there.
        if (shown() && !young(prefix + state)) clean();
        throw error;
      }
    },
  };
}

/** sessionStorage, if there is one, and the user lets the page have it. */
function items() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

/** Sends the user there. */
function go(url, openUrl = (it) => location.assign(it)) {
  return openUrl(url);
}

function parameters(url) {
  return [...new URL(url, location.href).searchParams].flat();
}

/** Takes the answer out of the address bar, the history, and the next `Referer`. */
function clean() {
  const url = new URL(location.href);
  const kept = (pair) => !ADDED.includes(pair.split("=")[0]);
  url.search = url.search.slice(1).split("&").filter(kept).join("&");
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
