/// <reference lib="esnext.disposable" />

/** Loads and compiles the WebAssembly module ahead of need. The import alone loads nothing. */
export declare function preload(): void;

/**
 * Resolves once the module is up and the stored record has been read; never waits for the network
 * of the authorization server.
 *
 * On a server, where browser APIs are missing, it resolves to an inert client: `session` is null
 * and methods reject with `unsupported`. A module that cannot be loaded rejects with
 * `wasm-unavailable`; call again to try again.
 */
export declare function createClient(
  options: ClientOptions,
): Promise<OAuthClient>;

export interface ClientOptions {
  /** RFC 6749 §2.2. */
  clientId: string;
  /** The issuer identifier. Its metadata (RFC 8414, OpenID Connect Discovery) tells the endpoints, when one is needed. */
  issuer?: string | undefined;
  /** The server's endpoints, in place of the metadata's, or over them: https, or http on localhost. */
  endpoints?:
    | {
        token?: string | undefined;
        authorization?: string | undefined;
        revocation?: string | undefined;
        /** OpenID Connect RP-Initiated Logout. */
        endSession?: string | undefined;
        /** RFC 9126. Given here, sign-ins are pushed though the server does not ask for it. */
        pushedAuthorizationRequest?: string | undefined;
        /** The keys that sign ID tokens. Without any, TLS stands for their signatures (OpenID Connect Core §3.1.3.7). */
        jwks?: string | undefined;
      }
    | undefined;
  /** For a confidential client only. Whoever loads the page can read it, so the console warns once. */
  clientSecret?: string | undefined;
  /** RFC 7591 §2. Default `client_secret_basic` with a secret, `none` without. */
  clientAuthentication?:
    "none" | "client_secret_basic" | "client_secret_post" | undefined;
  /** Where the server sends the user back to; as it was registered there (RFC 6749 §3.1.2). For `signIn`. */
  redirectUri?: string | undefined;
  /** What a sign-in asks for: scopes separated by spaces. */
  scope?: string | undefined;
  /** What a sign-in asks access for (RFC 8707). The client's own token is for the first; `getAccessToken` takes each. */
  resource?: string | readonly string[] | undefined;
  /** Goes with every token request: vendors' `audience` and the like. */
  extraTokenParams?: Record<string, string> | undefined;
  /**
   * Where the session lives. `indexeddb`, the default, is shared by all tabs and outlives the
   * browser; `session` is one tab's and outlives its reloads; `memory` is this client's alone; a
   * `TokenStorage` is a store of one's own. There is no `local`: localStorage is neither coherent
   * between tabs nor durable.
   */
  storage?: "indexeddb" | "session" | "memory" | TokenStorage | undefined;
  /** Names the session. Default `evergrant:` and the client's ID. Several accounts: several keys. */
  storageKey?: string | undefined;
  refresh?: RefreshOptions | undefined;
  /** Origins to which `fetch` and `authorize` may attach a token, compared as origins. Default: none. */
  allowedOrigins?: readonly string[] | undefined;
  /** Binds the tokens of a sign-in to a key that the browser does not give out (RFC 9449). A living session stays as it is. */
  dpop?: boolean | undefined;
  /**
   * The keeper, which lets a refresh outlive its page: the URL of its script (a TrustedScriptURL under
   * Trusted Types), `evergrant/keeper`, served from the page's origin; or the registration of a service
   * worker that imports it. With `storage: "indexeddb"` only.
   */
  keeper?:
    string | URL | TrustedScriptURLLike | ServiceWorkerRegistration | undefined;
  /** Where the WebAssembly module is, or the module itself. The first client of a page decides. */
  wasm?: string | URL | Response | WebAssembly.Module | undefined;
  /** Listeners that also hear what happens before the client is there. */
  on?:
    | {
        [E in keyof ClientEvents]?:
          ((event: ClientEvents[E]) => void) | undefined;
      }
    | undefined;
}

/** A TrustedScriptURL. */
export interface TrustedScriptURLLike {
  toJSON(): string;
}

export interface RefreshOptions {
  /** Refresh ahead of expiry without being asked. Default true. */
  automatic?: boolean | undefined;
  /** How long before expiry. Default 60, and at most a fifth of the token's life. */
  leewaySeconds?: number | undefined;
  /** How much of that is random, so that many clients do not come at once. Default a tenth of the leeway. */
  jitterSeconds?: number | undefined;
  /** A token request's bound, headers and body. Default 10. */
  timeoutSeconds?: number | undefined;
  /** For how long the server promises to forgive the reuse of a rotated refresh token. Default 0. */
  graceSeconds?: number | undefined;
  /** How long a refresh token lives, where answers do not say; WSO2's `RefreshTokenValidityPeriod`. */
  refreshTokenLifetimeSeconds?: number | undefined;
  /** Whether a hidden page refreshes by itself. Default `refresh`. */
  whenHidden?: "refresh" | "pause" | undefined;
}

/** A store of one's own. */
export interface TokenStorage {
  getItem(key: string): Promise<string | null> | string | null;
  /**
   * Writes `value` only if `expected` (the exact string last read; null: nothing) is what the store
   * holds: atomically for everyone who shares it, and durable once it resolves. Nothing over
   * localStorage can do this.
   */
  compareAndSwap(
    key: string,
    expected: string | null,
    value: string,
  ): Promise<boolean> | boolean;
}

/** Made by {@link createClient}. Its methods are bound. */
export declare class OAuthClient {
  private constructor();
  /** A frozen snapshot without secrets; the same object until something changes. */
  get session(): SessionInfo | null;
  /** How the last session ended here, while there is none; survives a reload. */
  get ended(): SessionEnd | null;
  /** Every `degraded` event so far. */
  get degraded(): readonly ClientEvents["degraded"][];
  /** Calls the listener after every change of `session` or `ended`, never synchronously; returns what stops it. */
  subscribe: (listener: () => void) => () => void;
  /** Calls the listener with every event of the type; returns what stops it. */
  on: <E extends keyof ClientEvents>(
    type: E,
    listener: (event: ClientEvents[E]) => void,
    options?: { signal?: AbortSignal | undefined } | undefined,
  ) => () => void;
  /**
   * Takes over tokens obtained elsewhere: a token endpoint's JSON answer, received just now or at
   * `receivedAt`. Begins a new session; an old one is not revoked. Without a refresh token the
   * session becomes `expired` with its access token, and never ends by itself. An ID token is taken
   * as it is, and tokens are whose bears them, whatever `dpop` says.
   */
  setTokens: (
    response: TokenResponse,
    options?: { receivedAt?: Date | undefined } | undefined,
  ) => Promise<void>;
  /**
   * A live access token: at once while it lives long enough; else after the refresh under way, or a
   * new one.
   */
  getAccessToken: (options?: AccessTokenOptions | undefined) => Promise<string>;
  /** The newest ID token as it came, or null. */
  getIdToken: () => Promise<string | null>;
  /** fetch with the token attached, for allowed origins only; on a 401, once more with a newer token, or with the server's nonce. */
  fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  /** The headers for one request that somebody else sends: `authorization`, and `dpop`. Same origins as for `fetch`. */
  authorize: (request: {
    url: string | URL;
    method?: string | undefined;
  }) => Promise<Record<string, string>>;
  /**
   * Sends the user to the server by the code flow with PKCE. Resolves, with a redirect, once the navigation
   * began; with a popup, once the session is stored: call that when the user clicks, for it opens at once.
   */
  signIn: (options?: SignInOptions | undefined) => Promise<void>;
  /**
   * Takes in the server's answer in the page's URL, or in another, and cleans the address bar, unless
   * it may be tried again. Null if its `state` is none of this tab's; the URL is then left alone. One
   * that was taken in gives the same result again. In a popup of `signIn` it hands the answer to the
   * page that waits, and closes the window.
   */
  handleRedirectCallback: (
    url?: string | URL | undefined,
  ) => Promise<{ appState?: unknown } | null>;
  /** Ends the session here, in every tab, then at the server; `revoked` if that said yes. Rejects only if it could not be ended here. */
  signOut: (
    options?: SignOutOptions | undefined,
  ) => Promise<{ revoked: boolean }>;
  /** The flight recorder: the last 200 things that happened to this session and why, without secrets. */
  history: () => readonly HistoryEntry[];
  /** Stops everything; the session stays stored. */
  close: () => void;
  [Symbol.dispose](): void;
}

export interface AccessTokenOptions {
  /** How long it must live. Default 5, and less than its whole life. */
  minValiditySeconds?: number | undefined;
  /** Only a newer one will do. */
  forceRefresh?: boolean | undefined;
  /** The token that an API refused: refreshes only if it is still the current one. */
  refusedToken?: string | undefined;
  /** Where it is to be used (RFC 8707). Each resource and scope has a token of its own. */
  resource?: string | undefined;
  /** Which part of what was granted it is for; for servers that know no `resource`. */
  scope?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface SignOutOptions {
  /** RFC 7009. Default true; without a revocation endpoint nothing is sent. */
  revoke?: boolean | undefined;
  /** Sends the user to the server, to end its session as well (OpenID Connect RP-Initiated Logout). The ID token stands in that URL. Default false. */
  endSession?: boolean | undefined;
  /** Where the server sends the user then; as it was registered there. */
  postLogoutRedirectUri?: string | undefined;
  /** For hosts that navigate in their own way. */
  openUrl?: ((url: string) => void | Promise<void>) | undefined;
}

/** RFC 6749 §5.1. */
export interface TokenResponse {
  access_token: string;
  token_type?: string | undefined;
  expires_in?: number | string | undefined;
  refresh_token?: string | undefined;
  scope?: string | undefined;
  id_token?: string | undefined;
  [member: string]: unknown;
}

export interface SignInOptions {
  /** Default `redirect`. */
  mode?: "redirect" | "popup" | undefined;
  /** Who will sign in, as far as is known (OpenID Connect Core §3.1.2.1, like the next three). */
  loginHint?: string | undefined;
  prompt?: string | undefined;
  acrValues?: string | undefined;
  /** In seconds; the ID token's `auth_time` is held to it. */
  maxAge?: number | undefined;
  /** Parameters of the server's own. Those of the protocol's are left out. */
  extraParams?: Record<string, string> | undefined;
  /** Comes back from `handleRedirectCallback`, after a redirect. As JSON it lies in sessionStorage meanwhile. */
  appState?: unknown;
  /** For hosts that navigate in their own way, by a redirect. */
  openUrl?: ((url: string) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

export interface SessionInfo {
  readonly status: "active" | "refreshing" | "retrying" | "expired";
  /** Counts the answers saved since the user signed in. */
  readonly generation: number;
  readonly scope: readonly string[];
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshTokenExpiresAt: Date | null;
  readonly nextRefreshAt: Date | null;
  /** The ID token's `sub`. */
  readonly subject?: string;
  readonly claims?: Readonly<IdTokenClaims>;
}

/** The ID token's claims. Open to declaration merging. */
export interface IdTokenClaims {
  sub: string;
  name?: string;
  email?: string;
  [claim: string]: unknown;
}

export type SignedOutReason =
  | "signed-out"
  | "refresh-token-rejected"
  | "refresh-token-expired"
  | "rotation-lost"
  | "storage-cleared"
  | "issuer-changed";

export interface SessionEnd {
  readonly reason: SignedOutReason;
  readonly at: Date;
  readonly error?: OAuthClientError;
}

/** What `on` listens to. What a listener throws goes to `reportError`. */
export interface ClientEvents {
  /** A session began. Never for a restored one. */
  "signed-in": {
    readonly session: SessionInfo;
    readonly by: "this-tab" | "another-tab";
    readonly previousSubject?: string;
  };
  /** New tokens are stored. */
  refreshed: {
    readonly session: SessionInfo;
    readonly by: "this-tab" | "another-tab" | "keeper";
  };
  /** A refresh did not succeed; the session lives on. */
  "refresh-failed": {
    readonly error: OAuthClientError;
    readonly retryAt: Date | null;
  };
  /** The session will end at this time unless the user signs in again. */
  "session-expiring": { readonly at: Date };
  /** The session ended. */
  "signed-out": SessionEnd & { readonly by: "this-tab" | "another-tab" };
  /** RFC 9470: what the resource asks for, ready for `signIn`. Not in this version. */
  "step-up-required": {
    readonly acrValues?: string;
    readonly maxAge?: number;
    readonly scope?: string;
    readonly url: string;
  };
  /** The client goes on with less than was promised. */
  degraded: {
    readonly what: "storage" | "locks" | "channel" | "keeper" | "version";
    readonly error: unknown;
  };
}

export interface HistoryEntry {
  readonly at: Date;
  readonly event: string;
  readonly detail: string;
}

/** Codes may grow in a minor release. */
export type ErrorCode =
  | "invalid-options"
  | "not-signed-in"
  | "session-ended"
  | "no-refresh-token"
  | "network"
  | "timeout"
  | "aborted"
  | "offline"
  | "server"
  | "rate-limited"
  | "bad-response"
  | "oauth"
  | "storage"
  | "closed"
  | "callback"
  | "popup-blocked"
  | "popup-closed"
  | "id-token"
  | "origin-not-allowed"
  | "dpop-nonce-unreadable"
  | "unsupported"
  | "wasm-unavailable"
  | "internal";

/** What every promise here rejects with, but that of `fetch` where the API gives no answer. `instanceof` holds across copies of the package. Never carries a secret. */
export declare class OAuthClientError extends Error {
  private constructor();
  readonly code: ErrorCode;
  /** RFC 6749 §5.2, as the server sent it. */
  readonly oauthError?: string;
  /** At most 300 characters, our own secrets redacted. */
  readonly oauthErrorDescription?: string;
  /** The HTTP status of the server's answer. */
  readonly status?: number;
  /** Why the session ended. */
  readonly reason?: SignedOutReason;
  /** When it will be tried again. */
  readonly retryAt?: Date;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}
