import assert from "node:assert/strict";
import { openSite } from "../support/site.mjs";

/** How many trials run side by side, each in a tab of its own. */
export const tabs = 6;

const closing = [];
const free = [];
let opened = 0;
let begun = 0;

/** Closes the tabs and what is behind them, and searches it all for secrets; before the browser goes. */
export async function closeTabs() {
  for (const close of closing.splice(0)) await close();
}

// A site and its tab serve one trial after the other: opening them takes longer than most trials.
async function open() {
  assert(++opened <= tabs);
  const site = await openSite(
    { after: (close) => closing.push(close) },
    {},
    { faultProxy: true },
  );
  return { site, tab: await site.openTab() };
}

/** A session at a strict server behind a proxy whose next token requests meet a fault. */
export class Trial {
  /** Begins one that is over with test `t`. `lifetime`: of the first access token, in seconds; of the later ones 300. */
  static async begin(t, { fault, times, ms, timeoutSeconds, lifetime = 300 }) {
    const place = free.pop() ?? open();
    const { site, tab } = await place;
    t.after(async () => {
      site.server.proxy.off();
      await tab.lastLook();
      await tab.evaluate(() => client.close());
      free.push(place);
    });
    const trial = new Trial(site, tab, fault);
    const storageKey = `trial ${++begun}`;
    await tab.create({
      storageKey,
      refresh: { timeoutSeconds, jitterSeconds: 0 },
    });
    trial.proxy.fault(fault, { times, ms });
    site.server.set({ AccessTokenLifetime: lifetime });
    await tab.takeOverTokens();
    site.server.set({ AccessTokenLifetime: 300 });
    return trial;
  }

  #before;

  constructor(site, tab, fault) {
    this.site = site;
    this.tab = tab;
    this.fault = fault;
    this.proxy = site.server.proxy;
    this.#before = [this.proxy.requests.length, site.tokenRequests.length];
  }

  /** The token requests that came to the proxy. */
  get sent() {
    return this.proxy.requests.slice(this.#before[0]);
  }

  /** Those of them that the server has seen, as its journal has them. */
  get arrived() {
    return this.site.tokenRequests.slice(this.#before[1]);
  }

  force() {
    return this.tab.call("getAccessToken", { forceRefresh: true });
  }

  /** Refreshes, and has an access token that it did not have before. */
  async refresh() {
    const { generation } = (await this.tab.look()).session;
    const { value, error } = await this.force();
    assert.equal(error, undefined);
    assert.equal(value, this.arrived.at(-1).wire.answer.access_token);
    assert.equal((await this.tab.look()).session.generation, generation + 1);
    return value;
  }

  /** The session is as good as any: the API takes its token, the next refresh costs one request, and nothing was reused. */
  async goesOn() {
    const { tab, sent, arrived } = this;
    const { session, ended } = await tab.look();
    assert.equal(ended, null);
    assert.equal(session.status, "active");
    await this.refresh();
    assert.equal(await tab.callApi(), 200);
    assert.equal(this.sent.length, sent.length + 1);
    assert.equal(this.arrived.length, arrived.length + 1);
    assert(
      this.arrived.every(({ status, reused }) => status === 200 && !reused),
    );
  }

  /** The session ended with this reason, here; and no further request will be made. */
  async ended(reason) {
    const { session, ended, events } = await this.tab.look();
    assert.equal(session, null);
    assert.equal(ended.reason, reason);
    const ends = events.filter(({ type }) => type === "signed-out");
    assert.deepEqual(
      ends.map((end) => [end.reason, end.by]),
      [[reason, "this-tab"]],
    );
    const { length } = this.sent;
    const { error } = await this.force();
    assert.equal(error?.code, "not-signed-in");
    assert.equal(error.reason, reason);
    assert.equal(this.sent.length, length);
  }

  /** So many token requests came, and so many of them reached the server. What it took first is what the fault cost. */
  saw({ proxy, server }) {
    this.cost ??= proxy;
    assert.deepEqual(
      { proxy: this.sent.length, server: this.arrived.length },
      { proxy, server },
    );
  }

  /** The flight recorder tells these things, `[event, detail]`, in this order; others may lie between. */
  async noted(...entries) {
    const { history } = await this.tab.look();
    const told = history.map(({ event, detail }) => `${event} ${detail}`);
    let from = 0;
    for (const [event, detail] of entries) {
      const at = told.indexOf(`${event} ${detail}`, from);
      assert(at >= 0, `${event} ${detail} is missing in\n${told.join("\n")}`);
      from = at + 1;
    }
  }
}
