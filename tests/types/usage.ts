// Code as an application writes it, under the strictest settings: it compiles, and each mistake is
// one. exports.test.mjs finds what it does not use.
import {
  createClient,
  OAuthClientError,
  preload,
  type AccessTokenOptions,
  type ClientEvents,
  type ClientOptions,
  type ErrorCode,
  type HistoryEntry,
  type IdTokenClaims,
  type OAuthClient,
  type RefreshOptions,
  type SessionEnd,
  type SessionInfo,
  type SignedOutReason,
  type SignInOptions,
  type SignOutOptions,
  type TokenResponse,
  type TokenStorage,
  type TrustedScriptURLLike,
} from "evergrant";
import { createClient as createClientByUrl } from "evergrant/url";

preload();

declare const maybe: string | undefined;
declare const registration: ServiceWorkerRegistration;
declare const trusted: TrustedScriptURLLike;
declare const module: WebAssembly.Module;
declare module "evergrant" {
  /** Claims of the application's own server. */
  interface IdTokenClaims {
    groups?: string[];
  }
}

export const refresh: Required<RefreshOptions> = {
  automatic: true,
  leewaySeconds: 60,
  jitterSeconds: 6,
  timeoutSeconds: 10,
  graceSeconds: 30,
  refreshTokenLifetimeSeconds: undefined,
  whenHidden: "pause",
};

const items = new Map<string, string>();
export const storage: TokenStorage = {
  getItem: (key) => items.get(key) ?? null,
  async compareAndSwap(key, expected, value) {
    if ((items.get(key) ?? null) !== expected) return false;
    items.set(key, value);
    return true;
  },
};

export const everyOption: Required<ClientOptions> = {
  clientId: "spa",
  issuer: "https://as.example",
  endpoints: {
    token: "https://as.example/token",
    authorization: "https://as.example/authorize",
    revocation: "https://as.example/revoke",
    endSession: "https://as.example/logout",
    pushedAuthorizationRequest: "https://as.example/par",
    jwks: "https://as.example/jwks",
  },
  clientSecret: maybe,
  clientAuthentication: "none",
  redirectUri: "https://app.example/callback",
  scope: "openid api",
  resource: ["https://api.example"],
  extraTokenParams: { audience: "api" },
  storage,
  storageKey: "app:session",
  refresh,
  allowedOrigins: ["https://api.example"],
  dpop: true,
  keeper: "/keeper.js",
  wasm: module,
  on: {
    "signed-in": ({ session, by, previousSubject }) =>
      console.log(session.generation, by === "another-tab", previousSubject),
    refreshed: ({ session, by }) => console.log(session, by === "keeper"),
    "refresh-failed": ({ error, retryAt }) => console.log(error.code, retryAt),
    "session-expiring": ({ at }) => console.log(at.getTime()),
    "signed-out": ({ reason, at, error, by }) =>
      console.log(reason, at, error?.message, by === "this-tab"),
    "step-up-required": ({ acrValues, maxAge, scope, url }) =>
      console.log(acrValues, maxAge, scope, url),
    degraded: ({ what, error }) => console.log(lacking[what], error),
  },
};

export const shapes: ClientOptions[] = [
  { clientId: "a", storage: "indexeddb", keeper: new URL("https://a.example") },
  { clientId: "a", storage: "session", keeper: registration },
  { clientId: "a", storage: "memory", keeper: trusted, resource: "r" },
  { clientId: "a", clientAuthentication: "client_secret_basic", wasm: "a" },
  { clientId: "a", clientAuthentication: "client_secret_post" },
  { clientId: "a", refresh: { whenHidden: "refresh" }, wasm: new Response() },
];

const lacking: Record<ClientEvents["degraded"]["what"], string> = {
  storage: "storage",
  locks: "locks",
  channel: "channel",
  keeper: "keeper",
  version: "version",
};

export async function anApplicationStaysSignedIn(): Promise<void> {
  const options: ClientOptions = {
    clientId: "spa",
    endpoints: { token: "https://as.example/token" },
    scope: maybe,
    refresh: { leewaySeconds: 30, refreshTokenLifetimeSeconds: 84_600 },
    on: { "signed-out": ({ reason }) => tell(reason) },
  };
  using client: OAuthClient = await createClient(options);

  const response = await fetch("https://as.example/token");
  await client.setTokens(await response.json(), { receivedAt: new Date() });

  // Methods are bound.
  const { getAccessToken, subscribe } = client;
  const token: string = await getAccessToken({ refusedToken: maybe });
  const stop: () => void = subscribe(() => show(client.session));
  const off: () => void = client.on("refreshed", ({ session, by }) => {
    const who: "this-tab" | "another-tab" | "keeper" = by;
    const when: Date | null = session.nextRefreshAt;
    console.log(who, when);
  });
  stop();
  off();

  const { revoked } = await client.signOut();
  const everywhere: boolean = revoked;
  console.log(token.length, everywhere, trusted.toJSON());
}

export async function everyMethodIsCalled(client: OAuthClient): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const asked: Required<AccessTokenOptions> = {
    minValiditySeconds: 30,
    forceRefresh: true,
    refusedToken: maybe,
    resource: "https://api.example",
    scope: "api",
    signal,
  };
  const token: string = await client.getAccessToken(asked);
  const idToken: string | null = await client.getIdToken();
  const answer: TokenResponse = {
    access_token: token,
    token_type: "Bearer",
    expires_in: "3600",
    refresh_token: maybe,
    scope: maybe,
    id_token: idToken ?? undefined,
    session_state: 1,
  };
  await client.setTokens(answer);
  const response: Response = await client.fetch("https://api.example", {
    method: "POST",
  });
  const headers: Record<string, string> = await client.authorize({
    url: new URL(response.url),
    method: "PUT",
  });
  const openUrl = (url: string): void => console.log(url, headers);
  const signIn: Required<SignInOptions> = {
    mode: "popup",
    loginHint: "a@b.example",
    prompt: "login",
    acrValues: "mfa",
    maxAge: 60,
    extraParams: { ui_locales: "en" },
    appState: { path: "/" },
    openUrl,
    signal,
  };
  await client.signIn(signIn);
  await client.signIn({ mode: "redirect" });
  const back = await client.handleRedirectCallback(location.href);
  const state: unknown = back?.appState;
  const signOut: Required<SignOutOptions> = {
    revoke: false,
    endSession: true,
    postLogoutRedirectUri: "https://app.example/",
    openUrl: async (url) => openUrl(url),
  };
  await client.signOut(signOut);
  client.on("degraded", ({ what }) => console.log(what, state), { signal });
  const entries: readonly HistoryEntry[] = client.history();
  for (const { at, event, detail } of entries) console.log(at, event, detail);
  for (const { what } of client.degraded) console.log(lacking[what]);
  client.close();
  client[Symbol.dispose]();
}

export function everythingIsShown(client: OAuthClient): void {
  const ended: SessionEnd | null = client.ended;
  if (ended) console.log(reasons[ended.reason], ended.at, ended.error?.code);
  const session = client.session;
  if (!session) return;
  const claims: Readonly<IdTokenClaims> | undefined = session.claims;
  console.log(claims?.sub, claims?.name, claims?.email, claims?.groups);
  console.log(statuses[session.status], session.scope.join(" "));
  console.log(session.generation, session.subject);
  for (const at of [
    session.accessTokenExpiresAt,
    session.refreshTokenExpiresAt,
    session.nextRefreshAt,
  ]) {
    console.log(at?.toISOString());
  }
}

const statuses: Record<SessionInfo["status"], string> = {
  active: "signed in",
  refreshing: "signed in",
  retrying: "one moment",
  expired: "offline",
};

const reasons: Record<SignedOutReason, string> = {
  "signed-out": "Bye.",
  "refresh-token-rejected": "Sign in again.",
  "refresh-token-expired": "It has been a while.",
  "rotation-lost": "An answer was lost.",
  "storage-cleared": "The storage was cleared.",
  "issuer-changed": "The server is another one.",
};

const codes: Record<ErrorCode, string> = {
  "invalid-options": "mend the code",
  "not-signed-in": "sign in",
  "session-ended": "sign in",
  "no-refresh-token": "sign in",
  network: "wait",
  timeout: "wait",
  aborted: "nothing",
  offline: "wait",
  server: "wait",
  "rate-limited": "wait",
  "bad-response": "wait",
  oauth: "look at the server",
  storage: "make room",
  closed: "mend the code",
  callback: "sign in",
  "popup-blocked": "ask for a click",
  "popup-closed": "nothing",
  "id-token": "look at the server",
  "origin-not-allowed": "mend the code",
  "dpop-nonce-unreadable": "look at the server",
  unsupported: "update",
  "wasm-unavailable": "look at the policy",
  internal: "report it",
};

export async function errorsAreToldApart(client: OAuthClient): Promise<void> {
  try {
    await client.getAccessToken();
  } catch (error) {
    if (!(error instanceof OAuthClientError)) throw error;
    if (error.code === "session-ended" && error.reason) tell(error.reason);
    if (error.retryable) show(client.session);
    console.log(codes[error.code], error.oauthError, error.status);
    console.log(error.oauthErrorDescription, error.retryAt?.getTime());
    // @ts-expect-error There is no such code.
    if (error.code === "no-such-code") return;
  }
}

export async function mistakesDoNotCompile(): Promise<void> {
  // @ts-expect-error The client's ID is required.
  await createClient({});
  // @ts-expect-error localStorage is no store.
  await createClient({ clientId: "spa", storage: "local" });
  // @ts-expect-error An unknown option.
  const client = await createClientByUrl({ clientId: "spa", leeway: 60 });
  // @ts-expect-error There is no such event.
  client.on("signed-up", () => {});
  // @ts-expect-error An answer has an access token.
  await client.setTokens({ refresh_token: "r" });
  // @ts-expect-error A snapshot is read only.
  if (client.session) client.session.generation = 1;
  // @ts-expect-error Only createClient makes one.
  new OAuthClientError();
  // @ts-expect-error A store answers with texts.
  await createClient({ clientId: "a", storage: { getItem: () => 1 } });
  // @ts-expect-error An event's listener hears that event.
  client.on("refreshed", ({ reason }) => console.log(reason));
}

function show(session: SessionInfo | null): void {
  console.log(session?.status);
}

function tell(reason: SignedOutReason): void {
  console.log(reason);
}
