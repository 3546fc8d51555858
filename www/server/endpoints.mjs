import { Readable } from "node:stream";
import { paths } from "./provider.mjs";

/**
 * Middleware around oidc-provider's token and revocation endpoints: it holds requests for tests, serves them one at a time
 * (of two requests with one refresh token exactly one wins), and writes the journal.
 */
export function watchEndpoints({ provider, journal, holds }) {
  const reasons = new WeakMap();
  const remember = (ctx, error) =>
    reasons.set(ctx, error.error_detail ?? error.error_description);
  provider.on("grant.error", remember);
  provider.on("revocation.error", remember);

  let turn = Promise.resolve();
  const oneAtATime = (work) => (turn = turn.then(work, work));

  return async (ctx, next) => {
    const isToken = ctx.path === paths.token;
    const isRevocation = ctx.path === paths.revocation;
    if (ctx.method !== "POST" || !(isToken || isRevocation)) return next();

    const at = Date.now();
    const { method, headers } = ctx.req;
    const body = await readBody(ctx.req);
    const wait = isToken ? holds.take() : async () => false;

    if (await wait("before")) return cut(ctx);
    await oneAtATime(() => withBody(ctx, body, next));
    const entry = journal[isToken ? "token" : "revocation"]({
      at,
      ms: Date.now() - at,
      client: ctx.oidc?.client?.clientId,
      status: ctx.status,
      detail: reasons.get(ctx),
      wire: { method, headers, body, answer: ctx.body || undefined },
    });
    if (await wait("after")) {
      entry.dropped = true;
      cut(ctx);
    }
  };
}

/** Middleware that writes down where users are sent to sign in and out, and what is pushed before (RFC 9126). */
export function watchVisits({ journal }) {
  const kinds = new Map([
    [paths.pushedAuthorizationRequest, "push"],
    [paths.authorization, "authorize"],
    [paths.endSession, "end-session"],
  ]);
  return async (ctx, next) => {
    const kind = kinds.get(ctx.path);
    const at = Date.now();
    await next();
    if (!kind || ctx.method === "OPTIONS") return;
    journal.add({
      kind,
      at,
      client: ctx.oidc?.client?.clientId,
      status: ctx.status,
      ms: Date.now() - at,
    });
  };
}

/** Ends a request without an answer, as a network that fails does. */
export function cut(ctx) {
  ctx.respond = false;
  ctx.res.destroy();
}

/** A request's body as text; at most 64 KiB. */
export async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > 65536) throw new RangeError("the body is over 64 KiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

// oidc-provider reads the body from `ctx.req`. Ours has been read already, whole, so that a request is carried out even if
// its page has gone away meanwhile, which is what a real network does.
async function withBody(ctx, body, next) {
  const request = ctx.req;
  ctx.req = Object.assign(Readable.from([Buffer.from(body)]), {
    headers: request.headers,
  });
  try {
    await next();
  } finally {
    ctx.req = request;
  }
}
