import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { stand } from "./page.mjs";
import { load } from "./support.mjs";

const { openPopup, passOn, POPUP } = await load("popup.js");

const app = "https://app.example";
const callback = `${app}/callback?code=c&state=`;
let states = 0;
let channels = [];

/** Channels that are left open would keep Node running, and a page out of the back/forward cache. */
class Channel extends BroadcastChannel {
  constructor(name) {
    super(name);
    channels.push(this);
  }
  close() {
    super.close();
    channels = channels.filter((it) => it !== this);
  }
}

afterEach(() => {
  for (const channel of [...channels]) channel.close();
});

/** A page, the popup that it opens, and what comes of the sign-in. */
function open(t, { complete = async () => {}, signal, opens = true } = {}) {
  const looks = new Set();
  const look = (times) => {
    for (let time = 0; time < times; time++) looks.forEach((it) => it());
  };
  stand(t, "setInterval", (it) => looks.add(it) && it);
  stand(t, "clearInterval", (it) => looks.delete(it));
  const page = new EventTarget();
  const popup = {
    closed: false,
    posted: [],
    close: () => (popup.closed = true),
    postMessage: (...it) => popup.posted.push(it),
  };
  const document = { focused: false, hasFocus: () => document.focused };
  stand(t, "BroadcastChannel", Channel);
  stand(t, "document", document);
  stand(t, "location", new URL(`${app}/page`));
  stand(t, "addEventListener", page.addEventListener.bind(page));
  stand(t, "open", (...it) => {
    popup.opened = it;
    return opens ? popup : null;
  });
  const state = `${POPUP}${(states += 1)}`;
  const urls = [];
  const opening = () =>
    openPopup(state, signal, (url) => {
      urls.push(url);
      return complete(url);
    });
  const say = (data, origin = app, source = popup) =>
    page.dispatchEvent(
      Object.assign(new Event("message"), { data, origin, source }),
    );
  return { opening, popup, document, state, urls, say, look, looks };
}

/** The callback's page hands on what it was opened with, by the channel. */
async function answer(state, url = callback + state) {
  const channel = new Channel(`evergrant:${state}`);
  const heard = new Promise((resolve) => (channel.onmessage = resolve));
  channel.postMessage(url);
  await heard;
  channel.close();
}

const pending = async (promise) => {
  const none = Symbol("none");
  await turn();
  return (await Promise.race([promise, turn(none)])) === none;
};

test("a popup that the browser blocks is an error that says what to do", (t) => {
  const { opening } = open(t, { opens: false });
  assert.throws(opening, ({ code, retryable, message }) => {
    assert.deepEqual([code, retryable], ["popup-blocked", true]);
    assert.match(message, /click/);
    return true;
  });
  assert.deepEqual(channels, []);
});

test("the popup opens before anything is waited for, and goes where it is told", (t) => {
  const { opening, popup } = open(t);
  const { go, close } = opening();
  assert.match(popup.opened[2], /popup/);
  go("https://as.example/authorize");
  assert.equal(popup.location, "https://as.example/authorize");
  close();
});

test("an answer by the channel ends the sign-in, and closes the popup", async (t) => {
  const { opening, popup, state, urls, looks } = open(t);
  const { done } = opening();
  await answer(state);
  await done;
  assert.deepEqual(urls, [callback + state]);
  await turn();
  assert(popup.closed);
  assert.deepEqual([channels, looks.size], [[], 0]);
});

test("an answer that comes twice is taken once", async (t) => {
  let finish;
  const complete = () => new Promise((resolve) => (finish = resolve));
  const { opening, state, urls, say } = open(t, { complete });
  const { done } = opening();
  await answer(state);
  await answer(state);
  say({ evergrant: state, url: callback + state });
  assert.equal(urls.length, 1);
  finish();
  await done;
});

test("a sign-in that fails is an error of the one who waits for it", async (t) => {
  const error = new Error("It is refused.");
  const { opening, popup, state } = open(t, {
    complete: () => Promise.reject(error),
  });
  const { done } = opening();
  await answer(state);
  await assert.rejects(done, error);
  await turn();
  assert(popup.closed);
});

test("an answer by a message counts if it is the popup's, of this origin, and of this sign-in", async (t) => {
  const { opening, popup, state, urls, say } = open(t);
  const { done } = opening();
  const message = { evergrant: state, url: callback + state };
  say(message, "https://evil.example");
  say(message, "https://app.example.evil.example");
  say(message, "null");
  say(message, app, {});
  say({ ...message, evergrant: "other" });
  say({ url: message.url });
  say(null);
  say("text");
  assert.deepEqual([urls, popup.posted], [[], []]);
  assert(await pending(done));
  say(message);
  assert.deepEqual(urls, [message.url]);
  await done;
  // Only a page of this origin may learn that somebody waits.
  assert.deepEqual(popup.posted, [[{ evergrant: state }, app]]);
});

test("a popup that the user has closed is told once the user is back", async (t) => {
  const { opening, popup, document, state, urls, look } = open(t);
  const { done, close } = opening();
  look(10);
  assert(await pending(done));
  // A server's page may cut itself off from its opener, and looks closed to it, but the user is there.
  popup.closed = true;
  look(10);
  assert(await pending(done));
  document.focused = true;
  look(2);
  document.focused = false;
  look(1);
  document.focused = true;
  look(2);
  assert(await pending(done), "a glance is not enough");
  look(1);
  await assert.rejects(done, { code: "popup-closed", retryable: true });
  // The user may have gone on there nevertheless.
  await answer(state);
  assert.equal(urls.length, 1);
  close();
});

test("nobody looks any more after a popup that was closed", async (t) => {
  const { opening, popup, document, look, looks } = open(t);
  const { done, close } = opening();
  popup.closed = document.focused = true;
  look(3);
  await assert.rejects(done, { code: "popup-closed" });
  assert.equal(looks.size, 0);
  close();
});

test("a user who closes the popup while its answer is being taken is signed in", async (t) => {
  let finish;
  const complete = () => new Promise((resolve) => (finish = resolve));
  const { opening, popup, document, state, look } = open(t, { complete });
  const { done } = opening();
  await answer(state);
  popup.closed = document.focused = true;
  look(10);
  finish();
  await done;
});

test("a caller who gives up closes the popup, and hears nothing more", async (t) => {
  const controller = new AbortController();
  const { opening, popup, state, urls, say } = open(t, {
    signal: controller.signal,
  });
  const { done } = opening();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(done, { code: "aborted", cause: reason });
  assert(popup.closed);
  assert.deepEqual(channels, []);
  say({ evergrant: state, url: callback + state });
  assert.deepEqual(urls, []);
});

/** The callback's page, in a popup. */
function openCallback(t, { opener } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const page = new EventTarget();
  const popup = { closed: 0 };
  stand(t, "BroadcastChannel", Channel);
  stand(t, "location", new URL(`${app}/callback`));
  stand(t, "addEventListener", page.addEventListener.bind(page));
  stand(t, "close", () => (popup.closed += 1));
  stand(t, "opener", opener);
  const state = `${POPUP}${(states += 1)}`;
  return { popup, page, state, url: new URL(callback + state) };
}

test("the callback's page hands its answer on, and closes", async (t) => {
  const { popup, state, url } = openCallback(t);
  const heard = [];
  const channel = new Channel(`evergrant:${state}`);
  channel.onmessage = ({ data }) => {
    heard.push(data);
    channel.postMessage(0);
  };
  assert.deepEqual(await passOn(state, url), {});
  assert.deepEqual(heard, [`${url}`]);
  assert.equal(popup.closed, 1);
  channel.close();
  assert.deepEqual(channels, []);
});

test("where there is no common channel, its opener is told, if that is of this origin", async (t) => {
  const posted = [];
  const opener = { postMessage: (...it) => posted.push(it) };
  const { popup, page, state, url } = openCallback(t, { opener });
  const passed = passOn(state, url);
  assert.deepEqual(posted, [[{ evergrant: state, url: `${url}` }, app]]);
  const say = (data, origin) =>
    page.dispatchEvent(Object.assign(new Event("message"), { data, origin }));
  say({ evergrant: state }, "https://evil.example");
  say({ evergrant: "other" }, app);
  assert(await pending(passed));
  say({ evergrant: state }, app);
  assert.deepEqual(await passed, {});
  assert.equal(popup.closed, 1);
});

test("an answer that nobody waits for is nobody's, and the page stays open", async (t) => {
  const { popup, state, url } = openCallback(t);
  const passed = passOn(state, url);
  assert(await pending(passed));
  t.mock.timers.tick(1000);
  assert.equal(await passed, null);
  assert.equal(popup.closed, 0);
  assert.deepEqual(channels, []);
});

test("an answer of another library's is shown to nobody", async (t) => {
  const opener = { postMessage: assert.fail };
  const { state, url } = openCallback(t, { opener });
  const before = channels.length;
  assert.equal(await passOn(state.slice(POPUP.length), url), null);
  assert.equal(channels.length, before);
});

test("both ends understand each other", async (t) => {
  const { opening, popup, state } = open(t);
  stand(t, "close", () => {});
  stand(t, "opener", undefined);
  const { done } = opening();
  assert.deepEqual(await passOn(state, callback + state), {});
  await done;
  await turn();
  assert(popup.closed);
});
