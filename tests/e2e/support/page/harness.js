// The page's side of the tests: makes clients, and reports all that they let out.
import * as store from "/evergrant/idb.js";
import { read } from "/evergrant/seal.js";

const eventTypes = [
  "signed-in",
  "refreshed",
  "refresh-failed",
  "session-expiring",
  "signed-out",
  "step-up-required",
  "degraded",
];
// Where the browser's driver offers no way to report at once, it is kept until the tab is looked at.
const reports = [];
globalThis.report ??= (place, text) => void reports.push({ place, text });
const waiting = new Set();
const events = {};
const keys = {};
const homes = {};
globalThis.clients = {};

globalThis.harness = {
  ready: true,

  /** `entry` is a path below the package's, or one of its own. */
  async create(options, name = "client", entry = "index.js") {
    return outcome(async () => {
      const base = new URL("/evergrant/", location);
      const { createClient } = await import(new URL(entry, base));
      events[name] = [];
      const on = Object.fromEntries(
        eventTypes.map((type) => [type, (event) => heard(name, type, event)]),
      );
      const storage = stores[options.storage] ?? options.storage;
      const all = { ...options, storage, on };
      if (options.keeper) all.keeper = await keeperOf(options.keeper);
      const client = await createClient(all);
      clients[name] = client;
      keys[name] = options.storageKey ?? `evergrant:${options.clientId}`;
      homes[name] = stores[options.storage] ?? store;
      if (name === "client") globalThis.client = client;
      client.subscribe(() => {
        harness.look(name);
        wake();
      });
    });
  },

  async takeOverTokens(name = "client", clientId, receivedAt) {
    const response = await fetch("/dev/tokens", {
      method: "POST",
      body: JSON.stringify({ client: clientId }),
    });
    const options = receivedAt && { receivedAt: new Date(receivedAt) };
    await clients[name].setTokens(await response.json(), options);
  },

  call(name, method, ...args) {
    return outcome(() => clients[name][method](...args));
  },

  async callApi(name = "client") {
    const token = await clients[name].getAccessToken();
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch("/api/me", { headers })).status;
  },

  /** Likewise, as the client itself asks, with a proof if its tokens are bound to a key. */
  async fetchApi(name = "client") {
    return (await clients[name].fetch("/api/me")).status;
  },

  look(name = "client") {
    const { session, ended, degraded, history } = clients[name];
    const seen = { session, ended, degraded, history: history() };
    for (const [what, value] of Object.entries(seen)) report(what, tell(value));
    return JSON.parse(tell({ ...seen, events: events[name] }));
  },

  stored(name = "client") {
    return homes[name].getItem(keys[name]);
  },

  /** Likewise, as it stands there, but plain. */
  async plain(name = "client") {
    const { record } = await read(homes[name], keys[name]);
    return JSON.stringify(record);
  },

  /** Reads the store until it holds this generation of a client's session. */
  async untilStored(name, generation) {
    for (;;) {
      const record = JSON.parse(await harness.stored(name));
      if (record?.generation === generation) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  /** Resolves when the keeper of this scope is active. */
  async untilKept(scope) {
    const { serviceWorker } = navigator;
    while (!(await serviceWorker.getRegistration(scope))?.active) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  /** Looks at a condition whenever a client changes, or says something. */
  until(condition) {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  },

  /** Hands out what has been reported since the last time. */
  reports: () => reports.splice(0),

  tell,
};

for (const level of ["debug", "log", "info", "warn", "error"]) {
  const original = console[level];
  console[level] = (...args) => {
    report("console", tell(args));
    original.apply(console, args);
  };
}

for (const type of ["error", "unhandledrejection"]) {
  addEventListener(type, (event) =>
    report("page error", tell(event.error ?? event.reason ?? event.message)),
  );
}

/** The option, where it is no text: `{ trusted }` is a TrustedScriptURL of it, `{ registered }` the registration. */
function keeperOf(keeper) {
  const { trusted, registered } = keeper;
  if (trusted) {
    const createScriptURL = (url) => url;
    const policy = trustedTypes.createPolicy("keeper", { createScriptURL });
    return policy.createScriptURL(trusted);
  }
  return registered ? navigator.serviceWorker.register(registered) : keeper;
}

function heard(name, type, event) {
  events[name].push({ type, ...event });
  report("event", tell({ type, event }));
  wake();
}

async function outcome(work) {
  try {
    return { value: await work() };
  } catch (error) {
    report("error", tell(error));
    const { name, code, message, reason, oauthError, retryable } = error;
    const { status, retryAt } = error;
    const told = { name, code, message, reason, oauthError, retryable, status };
    return { error: { ...told, retryAt: retryAt?.getTime() } };
  }
}

function wake() {
  for (const look of [...waiting]) look();
}

/** JSON of a value; of errors, what no enumeration shows as well. */
function tell(value) {
  return (
    JSON.stringify(value, (_, it) => {
      if (!(it instanceof Error || it instanceof DOMException)) return it;
      const { name, message, stack, cause } = it;
      return { name, message, stack, cause, ...it };
    }) ?? ""
  );
}
