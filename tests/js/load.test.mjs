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

const answer = (body, type, status = 200) =>
  new Response(body, { status, headers: { "content-type": type } });

test("every shape of the option wasm is taken", async () => {
  const shapes = [
    new Uint8Array(bytes),
    await WebAssembly.compile(bytes),
    answer(bytes, "application/wasm"),
    answer(bytes, "application/octet-stream"),
    `data:application/wasm;base64,${bytes.toString("base64")}`,
    new URL(`data:application/wasm;base64,${bytes.toString("base64")}`),
  ];
  for (const shape of shapes) {
    const { load } = await page();
    await load(() => shape);
  }
});

test("it is loaded once per page", async () => {
  const { load } = await page();
  let loads = 0;
  const source = () => {
    loads += 1;
    return new Uint8Array(bytes);
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
      /text\/html.*Import "evergrant".*option `wasm`/,
    );
    return true;
  });
  await load(() => new Uint8Array(bytes));
});

test("a missing file and a broken connection are unavailable, and keep their cause", async () => {
  const { load } = await page();
  const missing = load(() => answer(bytes, "application/wasm", 404));
  await assert.rejects(missing, { code: "wasm-unavailable" });
  const broken = load(() => "http://localhost:9/");
  await assert.rejects(broken, (error) => {
    assert.equal(error.code, "wasm-unavailable");
    assert.ok(error.cause instanceof TypeError);
    return true;
  });
});
