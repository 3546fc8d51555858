// WebKitGTK by plain WebDriver, in the shape of the few parts of Puppeteer's browser that the tests of engines use.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { killTree } from "./processes.mjs";

/** Starts WebKitGTK's MiniBrowser on a display of its own. What it stores is gone when it ends: so it is when automated. */
export async function launchWebKit() {
  const display = spawn(
    process.env.EVERGRANT_XVFB ?? "Xvfb",
    ["-displayfd", "3", "-nolisten", "tcp"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const [number] = await once(display.stdio[3], "data");
  const port = await freePort();
  const driver = spawn(
    process.env.EVERGRANT_WEBKIT_DRIVER ?? "WebKitWebDriver",
    ["--host=127.0.0.1", `--port=${port}`],
    {
      stdio: "ignore",
      env: { ...process.env, DISPLAY: `:${String(number).trim()}` },
    },
  );
  const root = `http://127.0.0.1:${port}/session`;
  while (!(await isListening(root))) await pause(20);
  const { sessionId } = await command("POST", root, {
    capabilities: { alwaysMatch: { browserName: "MiniBrowser" } },
  });
  const session = `${root}/${sessionId}`;
  const first = await command("GET", `${session}/window`);
  return new Browser(session, first, { driver, display });
}

class Browser {
  connected = true;
  #session;
  #first;
  #processes;
  #turn = Promise.resolve();

  constructor(session, first, processes) {
    this.#session = session;
    this.#first = first;
    this.#processes = processes;
  }

  process() {
    return this.#processes.driver;
  }

  /** All have one profile: sites are kept apart by their origins. */
  createBrowserContext() {
    const pages = [];
    return {
      newPage: async (options) => {
        pages.push(await this.newPage(options));
        return pages.at(-1);
      },
      close: async () => {
        for (const page of pages) if (!page.isClosed()) await page.close();
      },
    };
  }

  /** Tabs open hidden, and a hidden page takes no click; a window does. */
  async newPage({ type }) {
    const open = () => this.send("POST", "/window/new", { type });
    const { handle } = await this.in(this.#first, open);
    return new Page(this, handle);
  }

  async close() {
    this.connected = false;
    const { driver, display } = this.#processes;
    // The driver leaves behind what has crashed or stopped.
    await killTree(driver.pid);
    display.kill();
  }

  send(method, path, body) {
    return command(method, this.#session + path, body);
  }

  /** Does `work` while commands go to the window `handle`: the driver knows a present one only. */
  in(handle, work) {
    const done = this.#turn.then(async () => {
      await this.send("POST", "/window", { handle });
      return work();
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

class Page {
  #browser;
  #handle;
  #closed = false;
  #evaluations = 0;

  constructor(browser, handle) {
    this.#browser = browser;
    this.#handle = handle;
  }

  browser() {
    return this.#browser;
  }

  isClosed() {
    return this.#closed;
  }

  /** There is nothing to listen to. */
  on() {}

  mouse = {
    click: (x, y) => {
      const actions = [
        { type: "pointerMove", x, y },
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ];
      const pointer = { type: "pointer", id: "mouse", actions };
      return this.#send("POST", "/actions", { actions: [pointer] });
    },
  };

  goto(url) {
    return this.#send("POST", "/url", { url });
  }

  reload() {
    return this.#send("POST", "/refresh", {});
  }

  async close() {
    this.#closed = true;
    await this.#send("DELETE", "/window");
  }

  /** Starts the code and asks for its outcome now and then, so that other pages can be spoken to meanwhile. */
  async evaluate(code, ...args) {
    const id = `${this.#handle} ${++this.#evaluations}`;
    const work = typeof code === "function" ? `(${code})(...args)` : code;
    await this.#execute(
      `const id = arguments[0];
      // In JSON, undefined would be null.
      const args = arguments[1].map(([it]) => it);
      const outcomes = (globalThis.outcomes ??= {});
      outcomes[id] = { pending: true };
      (async () => ${work})().then(
        (value) => (outcomes[id] = { value }),
        (error) => (outcomes[id] = { error: \`\${error}\\n\${error?.stack}\` }),
      );`,
      id,
      args.map((it) => (it === undefined ? [] : [it])),
    );
    for (let wait = 10; ; wait = Math.min(wait * 1.5, 300)) {
      const outcome = await this.#execute(
        `const outcome = globalThis.outcomes?.[arguments[0]];
        if (outcome?.pending) return { pending: true };
        if (outcome) delete outcomes[arguments[0]];
        return outcome ?? { error: "the document has gone" };`,
        id,
      );
      if (outcome.error) throw new Error(outcome.error);
      if (!outcome.pending) return outcome.value;
      await pause(wait);
    }
  }

  #execute(script, ...args) {
    return this.#send("POST", "/execute/sync", { script, args });
  }

  #send(...request) {
    const browser = this.#browser;
    return browser.in(this.#handle, () => browser.send(...request));
  }
}

async function command(method, url, body) {
  const response = await fetch(url, { method, body: JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function isListening(url) {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
