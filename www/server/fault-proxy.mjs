import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { readBody } from "./endpoints.mjs";
import { faults } from "./faults.mjs";
import { Holds } from "./hold.mjs";
import { isLocal, paths } from "./provider.mjs";

/**
 * Starts a proxy in front of the server at `target`, on `http://localhost:PORT`. It passes everything on, but for token
 * requests, those to `tokenPath`, that are to have a fault (see faults.mjs), or are held (see hold.mjs).
 *
 * @returns A handle: `origin`; `faults`, what there is, `{ name, does, rotates }` each; `requests`, the token requests that
 *   came, `{ at, fault }`; `current`, the fault that the next one will have, `{ name, untilOff }` or null; `fault(name,
 *   { times, ms })` for the next `times` requests, one if nothing is said, `Infinity` until `off()`; `subscribe(listener)` to
 *   changes of `current`; `close()`. `onFault` is called with each fault that is done, `onAnswer` with each token request that
 *   the server has answered, `{ at, method, headers, body, real }`, before anything is done with the answer.
 */
export async function startFaultProxy({
  target,
  tokenPath = paths.token,
  holds = new Holds(),
  port = 0,
  onFault = () => {},
  onAnswer = () => {},
}) {
  const http = createServer();
  http.listen(port, "localhost");
  await once(http, "listening");
  const requests = [];
  const listeners = new Set();
  let current = null;
  let earlier = null;

  const change = (next) => {
    current = next;
    for (const listener of listeners) listener(handle.current);
  };
  const take = (refreshToken) => {
    const fault = current && named(current.name);
    if (!fault || (fault.again && earlier?.brought !== refreshToken)) return;
    const { ms, times } = current;
    change(times > 1 ? { ...current, times: times - 1 } : null);
    return { ...fault, ms };
  };

  async function tokenRequest(req, res) {
    const body = await readBody(req);
    const fault = take(new URLSearchParams(body).get("refresh_token"));
    const at = Date.now();
    requests.push({ at, fault: fault?.name ?? null });
    const wait = holds.take();
    if (await wait("before")) return res.destroy();
    const reaches = fault?.rotates ?? true;
    const real = reaches ? await whole(passOn(target, req, body)) : undefined;
    const { method, headers } = req;
    if (real) onAnswer({ at, method, headers, body, real });
    if (await wait("after")) return res.destroy();
    const exchange = exchangeOf(req, res, real);
    if (!fault) {
      const brought = refreshTokenIn(real);
      if (brought) earlier = { brought, answer: real };
      return exchange.send(real);
    }
    onFault(fault);
    await fault.act({
      ...exchange,
      earlier: earlier?.answer,
      elsewhere: target + req.url,
      late: () => pause(fault.ms, undefined, { ref: false }),
    });
  }

  http.on("request", (req, res) => {
    const isToken = req.method === "POST" && req.url === tokenPath;
    const answered = isToken
      ? tokenRequest(req, res)
      : stream(target, req, res);
    // Where the server gives no answer, there is none to pass on.
    answered.catch(() => res.destroy());
  });

  const handle = {
    origin: `http://localhost:${http.address().port}`,
    faults: faults.map(({ name, does, rotates }) => ({ name, does, rotates })),
    requests,
    get current() {
      const { name, times } = current ?? {};
      return current && { name, untilOff: times === Infinity };
    },
    fault(name, { times = 1, ms = 2000 } = {}) {
      named(name);
      change({ name, times, ms });
    },
    off: () => change(null),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
  return handle;
}

function named(name) {
  const fault = faults.find((it) => it.name === name);
  if (!fault) throw new TypeError(`there is no fault ${name}`);
  return fault;
}

/** The real server's answer to `req`, as a stream. */
async function passOn(target, req, body) {
  const { method, headers } = req;
  // The host stays that of the proxy: a server that reads its own name off it calls itself by the name it has for the page.
  const request = send(target + req.url, {
    method,
    headers: { ...headers, connection: "close" },
    agent: false,
  });
  if (body === undefined) req.pipe(request);
  else request.end(body);
  const [response] = await once(request, "response");
  return response;
}

async function stream(target, req, res) {
  const response = await passOn(target, req);
  res.on("close", () => response.destroy());
  // Chromium itself sends a request again if a connection that it has used before, for a preflight say, ends without an
  // answer; and who is to tell then what the server has seen?
  const headers = { ...passedOn(response.headers), connection: "close" };
  res.writeHead(response.statusCode, headers);
  response.on("error", () => res.destroy()).pipe(res);
}

async function whole(answering) {
  const response = await answering;
  const { statusCode: status, headers } = response;
  const body = await buffer(response);
  return { status, headers: passedOn(headers), body, cors: "its own" };
}

/** The headers without those of the connection (RFC 9110 §7.6.1). */
function passedOn({ connection, "keep-alive": _, ...headers }) {
  delete headers["transfer-encoding"];
  return headers;
}

/** What a fault can do with a request. */
function exchangeOf({ headers: { origin } }, res, real) {
  res.on("error", () => {});
  const head = ({ status, type, headers, body = "", cors = true }) => {
    const all = new Headers(headers);
    if (type) all.set("Content-Type", type);
    all.set("Content-Length", Buffer.byteLength(body));
    // As in `stream`.
    all.set("Connection", "close");
    if (cors !== "its own") setReader(all, cors && isLocal(origin) && origin);
    return res.writeHead(status, Object.fromEntries(all));
  };
  return {
    real,
    head,
    send: (answer) => head(answer).end(answer.body),
    drop: () => res.destroy(),
  };
}

/** Says in an answer's headers that pages of `origin` may read it; nobody else's, and nobody's without one. */
function setReader(headers, origin) {
  for (const name of [...headers.keys()]) {
    if (name.startsWith("access-control-")) headers.delete(name);
  }
  if (!origin) return;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate");
  headers.set("Vary", "Origin");
}

function refreshTokenIn(real) {
  return real.status === 200 ? answerIn(real)?.refresh_token : undefined;
}

/** What a token endpoint answered; nothing where that is not JSON, as when the server fails. */
export function answerIn({ body }) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
