import { PassThrough } from "node:stream";
import { cut, readBody } from "./endpoints.mjs";
import { firstTokens } from "./first-tokens.mjs";
import { isLocal, paths } from "./provider.mjs";

/** CORS for the routes that are not oidc-provider's: any origin of this machine may call them and read the answer. */
export function cors() {
  const own = /^\/(api|dev|journal|settings)(\/|$)/;
  return async (ctx, next) => {
    const origin = ctx.get("Origin");
    if (!own.test(ctx.path) || !isLocal(origin)) return next();
    ctx.vary("Origin");
    ctx.set("Access-Control-Allow-Origin", origin);
    ctx.set("Access-Control-Expose-Headers", "WWW-Authenticate");
    if (ctx.method !== "OPTIONS") return next();
    ctx.set("Access-Control-Allow-Methods", "GET, POST, PATCH");
    ctx.set(
      "Access-Control-Allow-Headers",
      "Authorization, Content-Type, DPoP",
    );
    ctx.status = 204;
  };
}

/** The network between the page and the authorization server, when `DropConnections` cuts it. */
export function dropConnections({ settings, journal }) {
  const endpoints = new Map([
    [paths.token, "token"],
    [paths.revocation, "revocation"],
    ["/api/me", "api"],
    ["/dev/tokens", "issue"],
  ]);
  return async (ctx, next) => {
    const endpoint = endpoints.get(ctx.path);
    if (!endpoint || !settings.values.DropConnections) return next();
    journal.add({ kind: "dropped", endpoint, status: null });
    cut(ctx);
  };
}

/** `POST /dev/tokens` with `{ client?, scope? }`: first tokens for a page, in place of a sign-in. Development only. */
export function devTokens({ issueFirstTokens }) {
  return route("POST", "/dev/tokens", async (ctx) => {
    await answerOrRefuse(ctx, async () =>
      issueFirstTokens(JSON.parse((await readBody(ctx.req)) || "{}")),
    );
    ctx.set("Cache-Control", "no-store");
  });
}

/** Makes first tokens and writes that down. */
export function issuer({ provider, journal }) {
  return async (options) => {
    const at = Date.now();
    const answer = await firstTokens(provider, options);
    // A token of a second may be dead already: the server counts in whole seconds.
    const { clientId: client } = await provider.AccessToken.find(
      answer.access_token,
      { ignoreExpiration: true },
    );
    journal.issue({ client, answer, at, ms: Date.now() - at });
    return answer;
  };
}

/** `GET /settings`, and `PATCH /settings` with some of them as JSON. */
export function settingsRoutes({ settings }) {
  return async (ctx, next) => {
    if (ctx.path !== "/settings") return next();
    await answerOrRefuse(ctx, async () =>
      ctx.method === "PATCH"
        ? settings.set(JSON.parse(await readBody(ctx.req)))
        : settings.values,
    );
  };
}

/** `GET /endpoints`: where the client has to ask, and where it may push its requests. */
export function endpointsRoute({ endpoints, provider }) {
  const pushedAuthorizationRequest =
    provider.issuer + paths.pushedAuthorizationRequest;
  return route("GET", "/endpoints", (ctx) => {
    ctx.body = { ...endpoints, pushedAuthorizationRequest };
  });
}

/** `GET /faults`: `{ faults, current }`; `PUT /faults` with `{ name, untilOff? }`, or `{}` for none. */
export function faultRoutes({ proxy }) {
  return async (ctx, next) => {
    if (ctx.path !== "/faults" || !proxy) return next();
    await answerOrRefuse(ctx, async () => {
      if (ctx.method === "PUT") {
        const { name, untilOff } = JSON.parse(await readBody(ctx.req));
        if (name) proxy.fault(name, { times: untilOff ? Infinity : 1 });
        else proxy.off();
      }
      return { faults: proxy.faults, current: proxy.current };
    });
  };
}

/** `GET /journal`: `{ summary, entries }`. */
export function journalRoute({ journal }) {
  return route("GET", "/journal", (ctx) => {
    ctx.body = { summary: journal.summary, entries: journal.entries };
  });
}

/**
 * `GET /journal/events`: server-sent events. "entry" carries `{ entry, summary }`, "settings" the settings,
 * "fault" the fault that the next token request will have. Starts with all
 * entries after `Last-Event-ID`, so that a page that loads or comes back misses nothing.
 */
export function eventsRoute({ journal, settings, proxy }) {
  return route("GET", "/journal/events", (ctx) => {
    const stream = new PassThrough();
    const send = (event, data, id) =>
      stream.write(
        `event: ${event}\n${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`,
      );
    const sendEntry = (entry) =>
      send("entry", { entry, summary: journal.summary }, entry.id);

    const last = Number(ctx.get("Last-Event-ID")) || 0;
    send("settings", settings.values);
    journal.entries.slice(last).forEach(sendEntry);
    const sendFault = (current) => send("fault", current);
    if (proxy) sendFault(proxy.current);
    const stops = [
      ...(proxy ? [proxy.subscribe(sendFault)] : []),
      journal.subscribe(sendEntry),
      settings.subscribe((values) => send("settings", values)),
    ];
    ctx.req.once("close", () => stops.forEach((stop) => stop()));
    ctx.set("Cache-Control", "no-store");
    ctx.type = "text/event-stream";
    ctx.body = stream;
  });
}

function route(method, path, handle) {
  return async (ctx, next) =>
    ctx.method === method && ctx.path === path ? handle(ctx) : next();
}

async function answerOrRefuse(ctx, work) {
  try {
    ctx.body = await work();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError))
      throw error;
    ctx.status = 400;
    ctx.body = { error: "invalid_request", error_description: error.message };
  }
}
