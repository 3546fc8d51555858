import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { api } from "./api.mjs";
import { clients } from "./clients.mjs";
import { elsewhere, writingDown } from "./elsewhere.mjs";
import { watchEndpoints, watchVisits } from "./endpoints.mjs";
import { startFaultProxy } from "./fault-proxy.mjs";
import { Files } from "./files.mjs";
import { Holds } from "./hold.mjs";
import { interaction } from "./interaction.mjs";
import { Journal } from "./journal.mjs";
import { createProvider, paths } from "./provider.mjs";
import * as routes from "./routes.mjs";
import { Settings } from "./settings.mjs";

const app = fileURLToPath(new URL("../app/", import.meta.url));

export { clients } from "./clients.mjs";
export { fingerprint } from "./journal.mjs";

/**
 * Starts an authorization server, the API behind it and the pages in front of it, on `http://localhost:PORT`.
 *
 * @param {object} [options]
 * @param {number} [options.port] 0, the default, takes any free port.
 * @param {object} [options.settings] See settings.mjs.
 * @param {string} [options.packageDir] Folder of the built npm package, served under `/evergrant/`.
 * @param {Record<string, string>} [options.pages] Paths to HTML, or to folders, served beside the app.
 * @param {boolean} [options.faultProxy] Puts a fault proxy in front of its token and revocation endpoints.
 * @param {(origin: string) => object} [options.authorizationServer] Gives, or promises, another one for pages of this origin.
 *   It then takes the place of this one's, behind the fault proxy (see elsewhere.mjs).
 * @param {boolean} [options.quiet] Keeps errors of single requests out of the console.
 * @returns A handle: `origin`, `issuer`, `endpoints`, `clients`, the `journal` (its entries), `summary`, `settings`,
 *   `set(changes)`, `firstTokens({ client, scope })`, `holdTokenRequests({ when })` (see hold.mjs), `onEntry(listener)`,
 *   `mount(path, html or folder)`, `proxy` (see fault-proxy.mjs), `close()`.
 */
export async function startServer({
  port = 0,
  settings: initial,
  packageDir,
  pages = {},
  authorizationServer,
  faultProxy = authorizationServer !== undefined,
  quiet = false,
} = {}) {
  const settings = new Settings(initial);
  const journal = new Journal();
  const holds = new Holds();

  const http = createServer();
  http.listen(port, "localhost");
  await once(http, "listening");
  const origin = `http://localhost:${http.address().port}`;

  const another = await authorizationServer?.(origin);
  const { token, revocation, issuer = "" } = another?.paths ?? paths;
  const proxy =
    faultProxy &&
    (await putProxyBefore(another?.origin ?? origin, {
      journal,
      tokenPath: token,
      // This one's own holds its requests itself.
      ...(another && { holds, onAnswer: writingDown(journal) }),
    }));
  const front = proxy ? proxy.origin : origin;
  const other = another && elsewhere({ server: another, front, journal });
  const files = new Files({ journal, origins: proxy ? [front] : [] });
  const provider = createProvider(origin, settings);
  const issueFirstTokens =
    other?.firstTokens ?? routes.issuer({ provider, journal });
  const endpoints = { token: front + token, revocation: front + revocation };
  const parts = {
    provider,
    settings,
    journal,
    holds,
    issueFirstTokens,
    endpoints,
    proxy,
  };
  for (const middleware of [
    routes.cors(),
    interaction(parts),
    routes.dropConnections(parts),
    other?.api ?? api(parts),
    routes.devTokens(parts),
    routes.settingsRoutes(parts),
    routes.endpointsRoute(parts),
    routes.faultRoutes(parts),
    routes.journalRoute(parts),
    routes.eventsRoute(parts),
    files.middleware,
    watchVisits(parts),
    watchEndpoints(parts),
  ]) {
    provider.use(middleware);
  }
  provider.on("error", (error) => {
    if (!quiet && !isDisconnect(error)) console.error(error);
  });
  http.on("request", provider.callback());

  files.mount("/", app, { strict: true });
  if (packageDir) files.mount("/evergrant", packageDir, { strict: true });
  for (const [path, content] of Object.entries(pages)) {
    files.mount(path, content);
  }

  return {
    origin,
    issuer: another ? front + issuer : origin,
    endpoints,
    clients: another?.clients ?? clients,
    proxy,
    journal: journal.entries,
    get summary() {
      return journal.summary;
    },
    get settings() {
      return settings.values;
    },
    set: (changes) => settings.set(changes),
    firstTokens: issueFirstTokens,
    /** The newest access token is good for nothing any more, behind everybody's back. */
    async forgetAccessToken() {
      const { wire } = journal.entries.findLast(
        (it) => it.wire?.answer?.access_token,
      );
      const token = wire.answer.access_token;
      await (await provider.AccessToken.find(token)).destroy();
    },
    holdTokenRequests: (options) => holds.hold(options),
    onEntry: (listener) => journal.subscribe(listener),
    mount: (path, content, options) => files.mount(path, content, options),
    async close() {
      if (proxy) await proxy.close();
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

function putProxyBefore(target, { journal, ...options }) {
  return startFaultProxy({
    target,
    ...options,
    onFault: ({ name, does }) =>
      journal.add({ kind: "fault", fault: name, does, status: null }),
  });
}

// A page that goes away in the middle of an answer is daily business here.
function isDisconnect({ code }) {
  return ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(code);
}
