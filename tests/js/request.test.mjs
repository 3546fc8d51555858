import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { answer, headersOf, post } = await load("request.js");

/** The wait in milliseconds that an answer with these headers asks for. */
async function wait(retryAfter, date) {
  const headers = new Headers();
  if (retryAfter !== undefined) headers.set("retry-after", retryAfter);
  if (date !== undefined) headers.set("date", date);
  const { retry_after_ms } = await answer(new Response("", { headers }));
  return retry_after_ms;
}

const HOUR = 3_600_000;

test("an answer is its status, its body, and how long it asks to wait", async () => {
  const response = new Response("slow", {
    status: 429,
    headers: { "Retry-After": "3" },
  });
  assert.deepEqual(await answer(response), {
    status: 429,
    body: "slow",
    retry_after_ms: 3000,
    dpop_nonce: undefined,
  });
});

test("a public client's request is CORS-simple; a secret and a key add a header each", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.deepEqual(headersOf(), form);
  assert.deepEqual(headersOf("", undefined), form);
  const headers = headersOf("Basic a", "a.b.c");
  assert.deepEqual(headers, {
    ...form,
    authorization: "Basic a",
    dpop: "a.b.c",
  });
  const request = post(["https://as.example/", "a=1", headers]);
  assert.deepEqual(Object.fromEntries(request.headers), headers);
  assert.equal(request.cache, "no-store");
});

test("the server's DPoP nonce is kept with its answer", async () => {
  const headers = { "DPoP-Nonce": "n-1" };
  const { dpop_nonce } = await answer(new Response("", { headers }));
  assert.equal(dpop_nonce, "n-1");
});

test("an answer without Retry-After asks for no wait", async () => {
  assert.equal(await wait(), 0);
});

test("seconds of Retry-After count from the receipt, up to an hour", async () => {
  for (const [header, ms] of [
    ["120", 120_000],
    [" 120 ", 120_000],
    ["0", 0],
    ["-5", 0],
    ["1.9", 1000],
    ["3600", HOUR],
    ["3601", HOUR],
    ["99999999999999999999999", HOUR],
    ["9".repeat(400), HOUR],
  ]) {
    assert.equal(await wait(header), ms, header);
  }
});

test("a date of Retry-After counts from the server's own date", async () => {
  for (const [date, until, ms] of [
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:30:00 GMT", 120_000],
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:27:00 GMT", 0],
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 21 Oct 2016 07:28:00 GMT", HOUR],
    ["Mon, 28 Feb 2000 23:59:59 GMT", "Tue, 29 Feb 2000 00:00:59 GMT", 60_000],
    ["Sun, 28 Feb 2100 23:59:00 GMT", "Mon, 01 Mar 2100 00:00:00 GMT", 60_000],
    ["Fri, 31 Dec 9999 23:58:00 GMT", "Fri, 31 Dec 9999 23:59:00 GMT", 60_000],
  ]) {
    assert.equal(await wait(until, date), ms, `${until} at ${date}`);
  }
});

test("a date of Retry-After counts from our clock where the server's cannot be read", async (t) => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  t.mock.timers.enable({ apis: ["Date"], now });
  for (const date of [undefined, "junk", "7 8 2094", "soon GMT"]) {
    const until = (ms) => new Date(now + ms).toUTCString();
    assert.equal(await wait(until(90_000), date), 90_000, date);
    assert.equal(await wait(until(-90_000), date), 0, date);
  }
});

test("what is neither seconds nor a date as servers may send it asks for no wait", async () => {
  // A browser's parser reads most of these, by its own time zone or by rules of its own.
  for (const junk of [
    "",
    "GMT",
    "soon",
    "soon 7",
    "soon GMT",
    "120, 60",
    "0x78",
    "1e3",
    "Infinity",
    "Sun, 06 Foo 2094 08:49:37 GMT",
    "Sun, xx Nov 2094 08:49:37 GMT",
    "Sun, 06 Nov 2094 at noon GMT",
    "7 8 2094",
    "2094-11-06",
    "2094-11-06T08:49:37Z",
    "2094-01-01T00:00:00.00000 GMT",
    "Sun Nov  6 08:49:37 2094",
    "Sun, 06 Nov 2094 08:49:37 UTC",
  ]) {
    assert.equal(await wait(junk), 0, junk);
  }
});
