import { callable, invalid } from "./check.js";
import { aborted, internal, OAuthClientError, unsupported } from "./error.js";
import { openAuthorized } from "./authorized.js";
import { openDpop } from "./dpop.js";
import { openEndpoints } from "./endpoints.js";
import { openEngine } from "./engine.js";
import { onFailure } from "./guard.js";
import { openLive } from "./live.js";
import {
  authorizeOptions,
  callbackUrl,
  event,
  own,
  ms,
  onOptions,
  setTokensOptions,
  signInOptions,
  signOutOptions,
  tokenOptions,
} from "./options.js";
import { CLOSED, EMIT, PUBLISH, REJECT, RESOLVE } from "./orders.js";
import { openSignIn } from "./sign-in.js";
import { failure, payload, sessionEnd, sessionInfo } from "./shapes.js";
import {
  CANCEL,
  CLOSE,
  GET_NEW_TOKEN,
  GET_TOKEN,
  RESTARTED,
  SET_TOKENS,
  SIGN_OUT,
  START,
} from "./signals.js";

/** Puts an engine behind a client; resolves once the stored record is read. */
export let begin;

/**
 * The public face of an engine: thin, its methods bound, so that they can be taken off it. Without
 * an engine it is inert.
 */
export class OAuthClient {
  static {
    begin = (client, settings) => client.#begin(settings);
  }

  #engine;
  #flows;
  #authorized;
  #key;
  #forgetKey;
  #closed;
  #forget;
  #refusal = () => unsupported("A client without a browser's APIs");
  #began;
  #askedScope;
  #restarted;
  #shown;

  #session = null;
  #idToken = null;
  #verified;
  #ended = null;
  #degraded = Object.freeze([]);
  #history = () => Object.freeze([]);

  #calls = new Map();
  #lastCall = 0;
  #listeners = new Set();
  #notifying = false;
  #live = openLive();

  get session() {
    return this.#session;
  }

  get ended() {
    return this.#ended;
  }

  get degraded() {
    return this.#degraded;
  }

  getAccessToken = (options) =>
    (options === undefined && this.#live.get()) || this.#ask(options ?? {});

  getIdToken = async () => {
    this.#usable();
    return this.#idToken;
  };

  setTokens = (response, options = {}) =>
    this.#call((id) => {
      setTokensOptions(options);
      const receivedAt = Number(options.receivedAt ?? Date.now());
      if (!this.#signal(SET_TOKENS, id, receivedAt, [response])) {
        throw invalid("access_token", "must be there, in printable ASCII");
      }
    });

  signOut = async (asked = {}) => {
    const options = own(asked);
    const idToken = this.#idToken;
    const revoked = await this.#call((id) => {
      signOutOptions(asked);
      this.#signal(SIGN_OUT, id, options.revoke ?? true);
    });
    if (options.endSession) await this.#flows.signOut(idToken, options);
    return { revoked };
  };

  fetch = async (input, init) => {
    this.#usable();
    return this.#authorized.fetch(input, init);
  };

  authorize = async (request) => {
    this.#usable();
    authorizeOptions(request);
    return this.#authorized.authorize(request);
  };

  signIn = async (options = {}) => {
    this.#usable();
    signInOptions(options);
    return this.#flows.signIn(options);
  };

  handleRedirectCallback = async (url) => {
    this.#usable();
    const shown = url ?? location.href;
    callbackUrl(shown, "url");
    return this.#flows.complete(shown);
  };

  subscribe = (listener) => {
    callable(listener, "listener");
    return this.#listen({ listener });
  };

  on = (type, listener, options = {}) => {
    event(type, "type");
    callable(listener, "listener");
    onOptions(options);
    if (options.signal?.aborted) return () => {};
    const off = this.#listen({ type, listener });
    options.signal?.addEventListener("abort", off, { once: true });
    return off;
  };

  history = () => this.#history();

  close = () => {
    if (this.#closed || !this.#engine) return;
    this.#closed = true;
    this.#refusal = () =>
      new OAuthClientError("closed", "This client was closed: create another.");
    this.#live.close();
    // Where an engine has failed, nobody is there to finish what it had sent.
    if (!this.#signal(CLOSE)) this.#forget();
  };

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.close();
  }

  #begin({ storeFailure, ...settings }) {
    const degraded = (what, error) => {
      // A fresh engine misses what the failed one missed.
      if (!this.#degraded.some((it) => it.what === what)) {
        this.#emit("degraded", what, error);
      }
    };
    this.#askedScope = settings.scope;
    const ask = (...question) => this.#engine.ask(...question);
    const inMemory = settings.storage === "memory" || Boolean(storeFailure);
    const server = {
      endpoints: openEndpoints(settings, ask),
      dpop: openDpop(settings.lockScope, inMemory, ask),
    };
    const begin = (response, receivedAt, ...binding) =>
      this.#call((id) =>
        this.#signal(SET_TOKENS, id, receivedAt, [response, ...binding]),
      );
    this.#forgetKey = server.dpop.forget;
    this.#authorized = openAuthorized(settings, {
      dpop: server.dpop,
      key: () => this.#key,
      getAccessToken: this.getAccessToken,
    });
    // A closed client's sign-in may go on in another's.
    const rules = (...question) => this.#usable() && ask(...question);
    this.#flows = openSignIn(
      { ...settings, inMemory },
      { ...server, ask: rules, begin },
    );
    if (storeFailure) degraded("storage", storeFailure);
    const causes = {};
    let opening;
    this.#forget = () => {
      clearTimeout(opening);
      const past = this.#history();
      this.#history = () => past;
      this.#engine.stop();
      this.#listeners.clear();
      unheard();
    };
    const told = { ...this.#told(causes), [CLOSED]: () => this.#forget() };
    const open = (how) => {
      this.#restarted = how === RESTARTED;
      this.#refusal = undefined;
      const failed = this.#engine;
      this.#engine = openEngine(
        { ...settings, ...server },
        causes,
        degraded,
        told,
        failed,
      );
      this.#history = this.#engine.history;
      this.#engine.start(how);
    };
    const unheard = onFailure((cause, wait) => {
      if (!this.#closed) this.#refusal = () => internal(cause);
      for (const id of [...this.#calls.keys()]) {
        this.#settle(id).reject(this.#refusal());
      }
      this.#engine.fail();
      if (this.#closed) return this.#forget();
      this.#live.set();
      // Anything can be thrown, and not everything is a text.
      const detail = `${cause instanceof Error ? cause : typeof cause}`;
      const gone = { at: new Date(), event: "internal", detail };
      this.#history = () => Object.freeze([Object.freeze(gone)]);
      // Whoever waits for a client gets one that says so.
      if (wait) this.#began();
      clearTimeout(opening);
      opening = setTimeout(open, wait, RESTARTED);
    });
    return new Promise((resolve) => {
      this.#began = resolve;
      open(START);
    });
  }

  #usable() {
    if (this.#refusal) throw this.#refusal();
    return true;
  }

  #signal(...args) {
    return this.#engine.signal(...args);
  }

  // What the engine tells. Nothing here throws.
  #told(causes) {
    const failed = (facts) => facts && failure(facts, causes[facts[0]]);
    return {
      [PUBLISH]: (untilWall, untilMono, [token, ...facts]) => {
        if (!this.#refusal) this.#live.set(token, untilWall, untilMono);
        this.#show(facts, failed);
      },
      [EMIT]: (_, __, [type, what, detail, at, error]) => {
        this.#emit(type, what, failed(error) ?? causes[what], detail, at);
        if (type === "refreshed" && what !== "another-tab") this.#verify();
      },
      [RESOLVE]: (id, _, value) => this.#settle(id)?.resolve(value),
      [REJECT]: (id, _, error) => this.#settle(id)?.reject(failed(error)),
    };
  }

  /** After the save: what is wrong with an ID token loses no session (OpenID Connect Core §12.2). */
  async #verify() {
    const idToken = this.#idToken;
    if (idToken === this.#verified) return;
    try {
      await this.#flows.verify(idToken);
    } catch (error) {
      // The issuer's keys may be there the next time.
      if (error.code !== "id-token") return;
      this.#emit("refresh-failed", null, error);
    }
    this.#verified = idToken;
  }

  // An unchanged snapshot stays the same object.
  #show(facts, failed) {
    const shown = JSON.stringify(facts);
    if (shown !== this.#shown) {
      this.#shown = shown;
      const [status, detail, at, error] = facts;
      const ended = detail && !status;
      // A fresh engine says nothing of an end that it finds.
      const missed = ended && this.#restarted && this.#session;
      this.#idToken = (status && detail) ?? null;
      // Of what was there, or has been signed in to, it was checked then.
      if (!this.#session || facts[2] === 1) this.#verified = this.#idToken;
      // What a wrong clock, or another issuer's client, has hidden may come back.
      if (this.#key && ended && !/expired|changed/.test(detail)) {
        this.#forgetKey(this.#key);
      }
      this.#key = status && facts[7];
      this.#session = status ? sessionInfo(facts, this.#askedScope) : null;
      this.#ended = ended ? sessionEnd(detail, at, failed(error)) : null;
      this.#notify();
      if (missed) {
        this.#emit("signed-out", "another-tab", failed(error), detail, at);
      }
    }
    this.#restarted = false;
    this.#began();
  }

  #emit(type, what, error, ...facts) {
    const event = payload(this.#session, type, what, error, ...facts);
    if (type === "degraded") {
      this.#degraded = Object.freeze([...this.#degraded, event]);
    }
    this.#tell(type, event);
  }

  #notify() {
    if (this.#notifying) return;
    this.#notifying = true;
    queueMicrotask(() => {
      this.#notifying = false;
      this.#tell();
    });
  }

  // A subscriber is a listener to no type of event.
  #listen(entry) {
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  #tell(type, event) {
    for (const { type: heard, listener } of [...this.#listeners]) {
      if (heard !== type) continue;
      try {
        listener(event);
      } catch (error) {
        globalThis.reportError?.(error);
      }
    }
  }

  #ask(options) {
    return this.#call((id) => {
      tokenOptions(options);
      this.#abortable(id, options.signal);
      this.#signal(
        options.forceRefresh ? GET_NEW_TOKEN : GET_TOKEN,
        id,
        ms(options.minValiditySeconds),
        [options.refusedToken, options.resource, options.scope],
      );
    });
  }

  #abortable(id, signal) {
    if (!signal) return;
    if (signal.aborted) throw aborted(signal);
    const abort = () => {
      this.#settle(id).reject(aborted(signal));
      this.#signal(CANCEL, id);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#calls.get(id).done = () => signal.removeEventListener("abort", abort);
  }

  #call(post) {
    return new Promise((resolve, reject) => {
      this.#usable();
      const id = ++this.#lastCall;
      this.#calls.set(id, { resolve, reject });
      try {
        post(id);
      } catch (error) {
        this.#settle(id);
        throw error;
      }
    });
  }

  #settle(id) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.done?.();
    return call;
  }
}
