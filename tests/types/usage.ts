// Code as an application writes it, under the strictest settings: it compiles, and each mistake is
// one.
import {
  createClient,
  OAuthClientError,
  preload,
  type ClientOptions,
  type OAuthClient,
  type SessionInfo,
  type SignedOutReason,
} from "evergrant";
import { createClient as createClientByUrl } from "evergrant/url";

preload();

declare const maybe: string | undefined;

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

  const { revoked }: { revoked: boolean } = await client.signOut();
  console.log(token.length, revoked);
}

export async function errorsAreToldApart(client: OAuthClient): Promise<void> {
  try {
    await client.getAccessToken();
  } catch (error) {
    if (!(error instanceof OAuthClientError)) throw error;
    if (error.code === "session-ended" && error.reason) tell(error.reason);
    if (error.retryable) show(client.session);
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
}

function show(session: SessionInfo | null): void {
  console.log(session?.status);
}

function tell(reason: SignedOutReason): void {
  console.log(reason);
}
