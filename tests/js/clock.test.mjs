import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, stand } from "./page.mjs";
import { load } from "./support.mjs";

const HOUR = 3_600_000;
let pages = 0;

/** The clock of a page that has heard nothing; the user's own clock, and the time since the page began. */
async function open(t, respond = assert.fail) {
  const time = { wall: Date.UTC(2026, 0, 2, 3, 4, 5), mono: 1000 };
  t.mock.method(Date, "now", () => time.wall);
  t.mock.method(performance, "now", () => time.mono);
  stand(t, "location", new URL("https://app.example/page?code=a#b"));
  const requests = serve(t, respond);
  const pass = (ms) => {
    time.wall += ms;
    time.mono += ms;
  };
  const clock = await load("clock.js", `page${(pages += 1)}`);
  return { ...clock, time, pass, requests };
}

const dated = (ms, age) =>
  new Response("", {
    headers: { date: new Date(ms).toUTCString(), ...(age && { age }) },
  });

test("a clock that nobody has set right is believed", async (t) => {
  const { now, ahead, time } = await open(t);
  assert.equal(now(), time.wall / 1000);
  time.wall += 999;
  assert.equal(now(), Math.floor(time.wall / 1000));
  assert.equal(ahead(), 0);
});

test("what a server has said sets a wrong clock right, without another request", async (t) => {
  const { now, ahead, hear, learn, time, pass, requests } = await open(t);
  const right = time.wall + HOUR;
  hear(dated(right).headers);
  assert.equal(now(), time.wall / 1000, "only once it is asked for");
  pass(60_000);
  assert.equal(await learn(), HOUR);
  assert.equal(ahead(), HOUR);
  assert.equal(now(), (right + 60_000) / 1000);
  assert.deepEqual(requests, []);
});

test("a clock that is set while we look is measured by the one that nobody sets", async (t) => {
  const { now, hear, learn, time, pass } = await open(t);
  const right = time.wall;
  hear(dated(right).headers);
  pass(60_000);
  time.wall -= 2 * HOUR;
  assert.equal(await learn(), 2 * HOUR);
  assert.equal(now(), (right + 60_000) / 1000);
});

test("where no server has said it, the page's own is asked, past all caches", async (t) => {
  const { learn, requests, time } = await open(t, () =>
    dated(time.wall - HOUR),
  );
  assert.equal(await learn(), -HOUR);
  const [{ url, method, cache }] = requests;
  assert.deepEqual(
    [url, method, cache],
    ["https://app.example/", "HEAD", "no-store"],
  );
  assert.equal(await learn(), -HOUR);
  assert.equal(requests.length, 1);
});

test("what a cache has kept is as old as the cache says", async (t) => {
  const { learn, time } = await open(t, () => dated(time.wall - HOUR, 3600));
  assert.equal(await learn(), 0);
});

test("after some minutes it is asked for again; the older answer is better than none", async (t) => {
  let online = true;
  const { hear, learn, pass, requests, time } = await open(t, () => {
    if (!online) throw new TypeError("Failed to fetch");
    return dated(time.wall);
  });
  hear(dated(time.wall + HOUR).headers);
  pass(299_000);
  assert.equal(await learn(), HOUR);
  assert.equal(requests.length, 0);
  pass(2000);
  online = false;
  assert.equal(await learn(), HOUR);
  assert.equal(requests.length, 1);
  online = true;
  assert.equal(await learn(), 0);
});

test("where nobody says what time it is, the clock stays as it was", async (t) => {
  const answers = [
    () => new Response(""),
    () => new Response("", { headers: { date: "soon" } }),
    () => {
      throw new TypeError("Failed to fetch");
    },
  ];
  const { ahead, hear, learn } = await open(t, () => answers.shift()());
  ahead(5000);
  for (const date of ["", "soon", "NaN"]) hear(new Headers({ date }));
  while (answers.length) assert.equal(await learn(), 5000);
});

test("a server of the page's that never answers holds nobody up", async (t) => {
  const controller = new AbortController();
  t.mock.method(AbortSignal, "timeout", () => controller.signal);
  const { learn } = await open(t);
  t.mock.method(globalThis, "fetch", async (_, { signal }) => {
    queueMicrotask(() => controller.abort());
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  assert.equal(await learn(), 0);
});

test("what was learnt before a reload is taken over", async (t) => {
  const { ahead, now, time } = await open(t);
  assert.equal(ahead(HOUR), HOUR);
  assert.equal(now(), (time.wall + HOUR) / 1000);
  assert.equal(ahead(undefined), HOUR);
});
