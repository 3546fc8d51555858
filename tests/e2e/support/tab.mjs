import { setTimeout as pause } from "node:timers/promises";
import { patience, within } from "./within.mjs";

/** A page of a site. Its own side of the work is page/harness.js. */
export class Tab {
  /** What nobody caught in it. */
  pageErrors = [];
  #site;

  constructor(page, site) {
    this.page = page;
    this.#site = site;
    page.setDefaultTimeout?.(patience * 1000);
    const { witness } = site;
    page.on("console", (message) => {
      witness.note("console", `${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => {
      // Firefox tells of a request that failed as if it were one.
      if (!/^Cross-Origin Request Blocked/.test(error?.message)) {
        this.pageErrors.push(error);
      }
      witness.note("page error", `${error?.message ?? error} ${error?.stack}`);
    });
    page.on("request", (request) => witness.note("URL", request.url()));
    page.on("framenavigated", (frame) => witness.note("URL", frame.url()));
  }

  /** Gives the page its way to report; once, before the first visit. */
  async prepare() {
    await this.page.exposeFunction?.("report", (place, text) =>
      this.#site.witness.note(place, text),
    );
  }

  /** Loads the page; under another name of the site's, if one is given. */
  async visit(origin = this.#site.server.origin) {
    await this.page.goto(`${origin}/page/`);
    // WebKit's driver may take the end of the empty page's loading for this one's.
    await this.arrive();
  }

  /** Leaves the page, and comes back to it as the user's reload does. */
  async reload() {
    await this.lastLook();
    await this.page.reload();
    await this.evaluate("harness.ready");
  }

  /** Opens another tab as the page's own code does: with a copy of its sessionStorage. */
  async openCopy(open = () => void window.open(location.href)) {
    const opened = new Promise((resolve) => this.page.once("popup", resolve));
    await this.evaluate(open);
    return this.#site.adopt(await within(opened, "another tab to open"));
  }

  /** Puts a frame with a page of its own into the page. */
  async openFrame() {
    await this.evaluate(
      () =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.src = "/page/";
          frame.onload = resolve;
          document.documentElement.append(frame);
        }),
    );
    return this.page.frames().at(-1);
  }

  /** Does in the page what leads it away, and resolves when it has come to a new one with a harness. */
  async leave(code, ...args) {
    await this.lastLook();
    await this.evaluate("globalThis.wasThere = true");
    // It may be gone before it could say that it has begun to go.
    const gone = /has gone|context was destroyed|detached/;
    await this.evaluate(code, ...args).catch((error) => {
      if (!gone.test(error.message)) throw error;
    });
    await this.arrive("!globalThis.wasThere");
  }

  /** Resolves when the page is there, whoever sent it on its way, and `condition` holds in it. */
  arrive(condition = "true") {
    const look = async () => {
      const there = `${condition} && globalThis.harness?.ready`;
      // Between two documents there is none to look at.
      while (!(await this.page.evaluate(there).catch(() => false))) {
        await pause(20);
      }
    };
    return within(look(), "the page to be there");
  }

  /** page.evaluate, within bounds. `code` is a function, or text that is evaluated. */
  evaluate(code, ...args) {
    return within(this.page.evaluate(code, ...args), `the page to do ${code}`);
  }

  /**
   * Creates a client in the page; its code reaches it as `clients[name]`, the one named "client" as `client`.
   * `secretly`: as the server's confidential client. Returns an outcome, like `call`.
   */
  async create(options = {}, { name, entry, secretly } = {}) {
    return this.evaluate(
      (...args) => harness.create(...args),
      this.optionsOf(options, { secretly }),
      name,
      entry,
    );
  }

  /** The options of a client of this site. */
  optionsOf(options, { secretly } = {}) {
    const { clients, endpoints } = this.#site.server;
    const { clientId, clientSecret } =
      clients[secretly ? "confidential" : "public"];
    const all = { clientId, endpoints, ...options };
    if (secretly) all.clientSecret = clientSecret;
    return all;
  }

  /** Gives the page's client a first token answer of the server. */
  async takeOverTokens({ name, clientId, receivedAt } = {}) {
    await this.evaluate(
      (...args) => harness.takeOverTokens(...args),
      name,
      clientId,
      receivedAt,
    );
  }

  /** Calls a method of the client: `{ value }`, or `{ error }` with the error's members. */
  call(method, ...args) {
    return this.callOn("client", method, ...args);
  }

  /** Calls a method of the client and does not wait for its outcome. */
  start(...call) {
    return this.evaluate(
      (...all) => void harness.call("client", ...all),
      ...call,
    );
  }

  /** `call` on a client of another name. */
  callOn(name, method, ...args) {
    return this.evaluate(
      (...all) => harness.call(...all),
      name,
      method,
      ...args,
    );
  }

  /** The status of an API call with a token as the client hands it out. */
  callApi() {
    return this.evaluate(() => harness.callApi());
  }

  /** `{ session, ended, degraded, history, events }` of a client, as plain values. */
  look(name) {
    return this.evaluate((name) => harness.look(name), name);
  }

  /** What stands in the store under the client's key: text or null. */
  stored() {
    return this.evaluate(() => harness.stored());
  }

  /** Resolves when `condition`, looked at in the page whenever a client has changed, holds. */
  until(condition) {
    return this.evaluate(`harness.until(${condition})`);
  }

  /** Lets the page report all it can see of its clients. */
  async lastLook() {
    if (this.page.isClosed() || !this.page.browser().connected) return;
    const kept = await this.evaluate(
      "globalThis.harness && (Object.keys(clients).forEach((name) => harness.look(name)), harness.reports())",
    );
    for (const { place, text } of kept ?? []) {
      this.#site.witness.note(place, text);
      if (place === "page error") this.pageErrors.push(text);
    }
  }

  async close() {
    await this.lastLook();
    await this.page.close();
  }
}
