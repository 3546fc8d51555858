/**
 * Every fault the proxy can do to a token request. Each has
 *
 * - its `name`, and what it `does`, in words;
 * - `rotates`: whether the real server sees the request, and so rotates the refresh token. Where it does, `real` is its
 *   answer when `act` is called;
 * - `act(exchange)`: what becomes of the request. Of an exchange it may use `real`, `earlier`, `elsewhere`, `late()`,
 *   which waits, `drop()`, `head(answer)`, which sends an answer's head, and `send(answer)`. An answer is
 *   `{ status, type, headers, body, cors }`; unless `cors` is false, the page may read it; the server's own answers keep to
 *   their own headers;
 * - `again`: it is for requests whose refresh token came by an answer that can be sent again, and leaves others alone.
 */
export const faults = [
  {
    name: "drop-before",
    does: "the connection ends before the server has seen the request",
    rotates: false,
    act: ({ drop }) => drop(),
  },
  {
    name: "drop-after",
    does: "the connection ends when the server has answered",
    rotates: true,
    act: ({ drop }) => drop(),
  },
  {
    name: "delay",
    does: "the answer comes late",
    rotates: true,
    async act({ late, real, send }) {
      await late();
      send(real);
    },
  },
  {
    name: "cut-body",
    does: "the connection ends in the middle of the answer’s body",
    rotates: true,
    act({ real, head, drop }) {
      head(real).write(half(real.body), drop);
    },
  },
  {
    name: "hang-after-headers",
    does: "the answer’s headers come, and nothing more",
    rotates: true,
    act: ({ real, head }) => head(real).flushHeaders(),
  },
  says("500", "an internal error, and nothing is done", 500),
  {
    name: "500-after",
    does: "an internal error after the server has done its work",
    rotates: true,
    act: ({ send }) => send({ status: 500 }),
  },
  says("502-html", "a gateway’s error page", 502, html("Bad Gateway")),
  says("503", "the service is unavailable", 503),
  says("503-retry-after", "the service is unavailable, with Retry-After", 503, {
    headers: { "Retry-After": "2" },
  }),
  says("429", "too many requests", 429),
  says("429-retry-after", "too many requests, with Retry-After", 429, {
    ...json({ error: "slow_down" }),
    headers: { "Retry-After": "2" },
  }),
  says("400-empty", "a 400 without body or content type", 400),
  says("400-html", "a 400 as a web page", 400, html("Bad Request")),
  says(
    "400-please-retry",
    "invalid_request with the words “please retry”",
    400,
    json({ error: "invalid_request", error_description: "Please retry." }),
  ),
  says(
    "400-unauthorized-client",
    "unauthorized_client: the client may not refresh",
    400,
    json({ error: "unauthorized_client" }),
  ),
  says(
    "400-unknown-code",
    "an error code that no specification knows",
    400,
    json({ error: "E-1017", error_description: "Session store out of sync" }),
  ),
  says(
    "400-www-authenticate",
    "invalid_client as a 400 with WWW-Authenticate",
    400,
    { ...json({ error: "invalid_client" }), ...challenge() },
  ),
  says(
    "400-invalid-grant",
    "invalid_grant, whatever the server would have said",
    400,
    json({ error: "invalid_grant" }),
  ),
  says("401-empty", "a 401 without body or content type", 401),
  says("401-html", "a 401 as a web page", 401, html("Unauthorized")),
  says("401-invalid-client", "invalid_client, with WWW-Authenticate", 401, {
    ...json({ error: "invalid_client" }),
    ...challenge(),
  }),
  says(
    "401-unauthorized-client",
    "unauthorized_client, for what is a wrong secret",
    401,
    json({ error: "unauthorized_client" }),
  ),
  says(
    "401-invalid-grant",
    "invalid_grant as a 401, whatever the server would have said",
    401,
    json({ error: "invalid_grant" }),
  ),
  says(
    "403-oauth",
    "a 403 with an OAuth error",
    403,
    json({ error: "access_denied" }),
  ),
  says("403-html", "a firewall’s page", 403, html("Request blocked")),
  says("200-html", "a captive portal’s page", 200, html("Welcome")),
  says(
    "200-error",
    "a 200 with an error member and no tokens",
    200,
    json({ error: "temporarily_unavailable" }),
  ),
  {
    name: "200-empty",
    does: "a 200 without a body",
    rotates: true,
    act: ({ send }) => send({ status: 200 }),
  },
  says("garbage", "5 MB of garbage as a 200", 200, {
    headers: { "Content-Type": "application/json" },
    body: Buffer.alloc(5 * 1024 * 1024, "[{garbage"),
  }),
  {
    name: "redirect",
    does: "a 307 to another origin, where the real server waits",
    rotates: false,
    act: ({ elsewhere, send }) =>
      send({ status: 307, headers: { Location: elsewhere } }),
  },
  {
    name: "no-cors",
    does: "the answer comes without CORS headers, so that the page cannot read it",
    rotates: true,
    act: ({ real, send }) => send({ ...real, cors: false }),
  },
  {
    name: "replayed",
    does: "the earlier answer again, the one that brought this refresh token",
    rotates: false,
    again: true,
    act: ({ earlier, send }) => send(earlier),
  },
];

/** A fault that is an answer in the server's place. */
function says(name, does, status, answer) {
  const act = ({ send }) => send({ status, ...answer });
  return { name, does, rotates: false, act };
}

function json(value) {
  return { type: "application/json", body: JSON.stringify(value) };
}

function html(title) {
  return {
    type: "text/html",
    body: `<!doctype html><title>${title}</title><h1>${title}</h1>`,
  };
}

function challenge() {
  return { headers: { "WWW-Authenticate": 'Basic realm="evergrant"' } };
}

function half(body) {
  return body.subarray(0, body.length >> 1);
}
