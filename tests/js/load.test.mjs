import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load as module } from "./support.mjs";

const bytes = await readFile(
  join(process.env.EVERGRANT_PACKAGE, "evergrant_bg.wasm"),
);

/** A page that has loaded nothing yet. */
let pages = 0;
const page = () => module("load.js", `page${(pages += 1)}`);

/** What the entry `evergrant` hands over. */
const inside = () => WebAssembly.compile(bytes);

const answer = (body, type, status = 200) =>
  new Response(body, { status, headers: { "content-type": type } });

test("every shape of the option wasm is taken", async () => {
  const shapes = [
    await WebAssembly.compile(bytes),
    answer(bytes, "application/wasm"),
    answer(bytes, "application/wasm; charset=utf-8"),
    answer(bytes, "application/octet-stream"),
    `data:application/wasm;base64,${bytes.toString("base64")}`,
    new URL(`data:application/wasm;base64,${bytes.toString("base64")}`),
  ];
  for (const shape of shapes) {
    const { load } = await page();
    await load(() => shape);
  }
  const { load } = await page();
  await load(inside);
});

test("it is loaded once per page", async () => {
  const { load } = await page();
  let loads = 0;
  const source = () => {
    loads += 1;
    return inside();
  };
  await Promise.all([load(source), load(source)]);
  await load(source);
  assert.equal(loads, 1);
});

test("an answer that is no wasm names the fix, and is not kept", async () => {
  const { load } = await page();
  const html = () => answer("<!doctype html>", "text/html");
  await assert.rejects(load(html), (error) => {
    assert.equal(error.code, "wasm-unavailable");
    assert.equal(error.retryable, true);
    assert.match(
      error.message,
      /text\/html, status 200.*import "evergrant".*set `wasm`/,
    );
    return true;
  });
  await load(inside);
});

test("a missing file and a broken connection are unavailable, and keep their cause", async () => {
  const { load } = await page();
  const missing = load(() => answer(bytes, "application/wasm", 404));
  await assert.rejects(missing, {
    code: "wasm-unavailable",
    message: /application\/wasm, status 404/,
  });
  const broken = load(() => "http://localhost:9/");
  await assert.rejects(broken, (error) => {
    assert.equal(error.code, "wasm-unavailable");
    assert.ok(error.cause instanceof TypeError);
    assert.match(error.message, /'wasm-unsafe-eval'/);
    return true;
  });
});
