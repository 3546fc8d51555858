import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startServer } from "../../../www/server/index.mjs";
import { sharedBrowser, tabOptions } from "./browser.mjs";
import { packageFolder } from "./package.mjs";
import { Tab } from "./tab.mjs";
import { Witness } from "./witness.mjs";
import { within } from "./within.mjs";

const pageFolder = fileURLToPath(new URL("page/", import.meta.url));

/**
 * A server, and a plain page of the same origin that imports the unpacked tarball under the strictest content security
 * policy. `servers`: what the server is to have beside it, `{ faultProxy, authorizationServer }`; the client's endpoints are
 * then a proxy's, of another origin. When test `t` is over, everything is closed, and searched for secrets.
 */
export async function openSite(t, settings = {}, servers = {}) {
  const server = await startServer({
    settings,
    packageDir: packageFolder(),
    quiet: true,
    ...servers,
  });
  server.mount("/page", pageFolder, { strict: true });
  const site = new Site(server);
  t.after(() => site.close());
  return site;
}

class Site {
  witness = new Witness();
  #context;
  #tabs = [];

  constructor(server) {
    this.server = server;
  }

  /** Opens a tab, or another `type` of window; in `browser` if one is given, else in a profile that this site has for itself. */
  async openTab(browser, options = tabOptions) {
    const owner = browser ?? (this.#context ??= await newContext());
    const tab = await this.#add(await owner.newPage(options));
    await tab.visit();
    return tab;
  }

  /** Takes in a tab that a page has opened. */
  async adopt(page) {
    const tab = await this.#add(page);
    await tab.arrive();
    return tab;
  }

  async #add(page) {
    const tab = new Tab(page, this);
    this.#tabs.push(tab);
    await tab.prepare();
    return tab;
  }

  /** Opens tabs with one client each, and gives them all the same session. */
  async openTabsWithSession(count, options) {
    const tabs = await this.openTabsWithClient(count, options);
    await this.giveSession(tabs);
    return tabs;
  }

  /** Opens tabs with one client each; in `browser` if one is given. */
  async openTabsWithClient(count, options, browser) {
    const tabs = [];
    for (let i = 0; i < count; i++) {
      tabs.push(await this.openTab(browser));
      await tabs[i].create(options);
    }
    return tabs;
  }

  /** Gives tabs the same session, by way of the first. */
  async giveSession(tabs) {
    await tabs[0].takeOverTokens();
    for (const tab of tabs) await tab.until(() => client.session !== null);
  }

  /** The options of a client that finds everything by its issuer, and signs in. */
  signingIn(options) {
    const { issuer, origin } = this.server;
    return {
      endpoints: {},
      issuer,
      redirectUri: `${origin}/page/`,
      scope: "openid profile offline_access",
      ...options,
    };
  }

  /** The token requests of this site's journal. */
  get tokenRequests() {
    return this.entries("token");
  }

  /** The journal's entries of a kind. */
  entries(kind) {
    return this.server.journal.filter((entry) => entry.kind === kind);
  }

  /** That each request used what the one before it brought, none sooner than an expiry asks for. */
  assertOnePerExpiry() {
    const [issue] = this.entries("issue");
    for (const [i, request] of this.tokenRequests.entries()) {
      const previous = this.tokenRequests[i - 1] ?? issue;
      assert.equal(request.status, 200);
      assert.equal(request.used, previous.issued);
      // Who counts in whole seconds may say one less than was asked for.
      assert(request.at - previous.at >= (previous.expires_in * 1000 * 3) / 4);
    }
  }

  /** Revokes the newest refresh token at the server, behind the pages' backs. */
  async revokeNewest() {
    const { clients, endpoints, journal } = this.server;
    const { wire } = journal.findLast((entry) => entry.issued);
    const { clientId, clientSecret } = clients.confidential;
    const form = (text) =>
      new URLSearchParams({ "": text }).toString().slice(1);
    const response = await fetch(endpoints.revocation, {
      method: "POST",
      headers: {
        Authorization: `Basic ${btoa(`${form(clientId)}:${form(clientSecret)}`)}`,
      },
      body: new URLSearchParams({ token: wire.answer.refresh_token }),
    });
    assert.equal(response.status, 200);
  }

  /** Resolves as soon as the journal makes `condition` true, with what it gives. */
  async untilJournal(condition, { seconds } = {}) {
    let stop;
    const seen = new Promise((resolve) => {
      const look = () => {
        const result = condition();
        if (result) resolve(result);
      };
      stop = this.server.onEntry(look);
      look();
    });
    return within(seen, `the journal to show ${condition}`, {
      seconds,
    }).finally(stop);
  }

  async close() {
    try {
      for (const tab of this.#tabs) await tab.lastLook();
    } finally {
      await this.#context?.close();
      await this.server.close();
    }
    this.witness.assertNoSecrets(this.server);
    const errors = this.#tabs.flatMap(({ pageErrors }) => pageErrors);
    assert.deepEqual(errors, [], "errors nobody caught in a page");
  }
}

async function newContext() {
  return (await sharedBrowser()).createBrowserContext();
}
