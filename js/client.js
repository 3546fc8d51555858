import { callable, invalid } from "./check.js";
import { OAuthClientError, unsupported } from "./error.js";
import { Engine } from "./evergrant.js";
import { LiveToken } from "./live.js";
import {
  event,
  ms,
  onOptions,
  setTokensOptions,
  signOutOptions,
  tokenOptions,
} from "./options.js";
import { createPlatform } from "./platform.js";
import { read } from "./seal.js";
import {
  failure,
  history,
  payload,
  sessionEnd,
  sessionInfo,
} from "./shapes.js";

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
  #platform;
  #refusal = () => unsupported("A client where a browser's APIs are missing");
  #began;
  #askedScope;
  #shown;

  #session = null;
  #ended = null;
  #degraded = Object.freeze([]);
  #past = Object.freeze([]);

  #calls = new Map();
  #lastCall = 0;
  #listeners = new Set();
  #notifying = false;
  #live = new LiveToken();

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

  getIdToken = () => this.#call((engine, id) => engine.getIdToken(id));

  setTokens = (response, options = {}) =>
    this.#call((engine, id) => {
      setTokensOptions(options);
      const receivedAt = options.receivedAt?.getTime() ?? Date.now();
      if (!engine.setTokens(id, response, receivedAt)) {
        throw invalid("access_token", "must be there, in printable ASCII");
      }
    });

  signOut = async (options = {}) => {
    const revoked = await this.#call((engine, id) => {
      signOutOptions(options);
      engine.signOut(id, options.revoke ?? true);
    });
    return { revoked };
  };

  fetch = later("fetch");
  authorize = later("authorize");
  signIn = later("signIn");
  handleRedirectCallback = later("handleRedirectCallback");

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

  history = () => (this.#engine ? history(this.#engine.history()) : this.#past);

  close = () => {
    if (this.#refusal) return;
    this.#refusal = () =>
      new OAuthClientError("closed", "This client was closed: create another.");
    this.#live.close();
    this.#engine.close();
  };

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.close();
  }

  #begin({ store, lockScope, storeFailure, ...settings }) {
    const degraded = (what, error) => this.#emit("degraded", { what, error });
    this.#askedScope = settings.scope;
    if (storeFailure) degraded("storage", storeFailure);
    this.#platform = createPlatform(lockScope, degraded);
    const records = {
      read: (key) => read(store, key),
      compareAndSwap: store.compareAndSwap,
    };
    return new Promise((resolve) => {
      this.#began = resolve;
      this.#refusal = undefined;
      this.#engine = new Engine(
        settings,
        records,
        this.#platform,
        this.#host(),
      );
      this.#platform.start(this.#engine);
    });
  }

  // What the engine calls. Nothing here throws.
  #host() {
    return {
      woke: () => this.#live.doubt(),
      live: (token, untilWall, untilMono) => {
        if (!this.#refusal) this.#live.set(token, untilWall, untilMono);
      },
      session: (...facts) => this.#show(facts, true),
      ended: (...facts) => this.#show(facts, false),
      emit: (type, by, what, at, error, idToken) =>
        this.#emit(type, { by, what, at, error, idToken }),
      error: failure,
      settle: (id, value) => this.#settle(id)?.resolve(value),
      reject: (id, error) => this.#settle(id)?.reject(error),
      closed: () => {
        if (!this.#engine) return;
        this.#past = history(this.#engine.history());
        this.#engine = undefined;
        this.#platform.close();
        this.#listeners.clear();
      },
    };
  }

  // An unchanged snapshot stays the same object.
  #show(facts, lives) {
    const shown = JSON.stringify([lives, facts]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#session = lives ? sessionInfo(this.#askedScope, ...facts) : null;
      this.#ended = lives ? null : sessionEnd(...facts);
      this.#notify();
    }
    this.#began();
  }

  #emit(type, facts) {
    const event = payload(type, this.#session, facts);
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
    return this.#call((engine, id) => {
      tokenOptions(options);
      this.#abortable(id, options.signal);
      engine.getToken(
        id,
        ms(options.minValiditySeconds),
        options.forceRefresh ?? false,
        options.refusedToken,
      );
    });
  }

  #abortable(id, signal) {
    if (!signal) return;
    const aborted = () =>
      new OAuthClientError("aborted", "The caller aborted.", {
        cause: signal.reason,
      });
    if (signal.aborted) throw aborted();
    const abort = () => {
      this.#settle(id).reject(aborted());
      this.#engine.cancel(id);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#calls.get(id).done = () => signal.removeEventListener("abort", abort);
  }

  #call(post) {
    return new Promise((resolve, reject) => {
      if (this.#refusal) throw this.#refusal();
      const id = ++this.#lastCall;
      this.#calls.set(id, { resolve, reject });
      try {
        post(this.#engine, id);
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

/** A method of a later version. */
function later(name) {
  return async () => {
    throw unsupported(name);
  };
}
