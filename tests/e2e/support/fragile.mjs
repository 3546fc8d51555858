// Pages whose engines can be made to fail.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./package.mjs";

const alive = readFileSync(
  new URL("page/hosts/alive.js", import.meta.url),
  "utf8",
);
/** The orders of the package, by name. */
export const orders = await import(join(packageFolder(), "orders.js"));

/** A page whose engines can be made to fail, and in which what is alive is counted. */
export async function openFragile(site) {
  const tab = await site.openTab();
  const source = readFileSync(join(packageFolder(), "engine.js"), "utf8");
  const run = "run: (what, a, b, facts) =>";
  assert(source.includes(run), "there is one place to fail in");
  await tab.page.setRequestInterception(true);
  tab.page.on("request", (request) =>
    request.url().endsWith("/evergrant/engine.js")
      ? request.respond({
          contentType: "text/javascript",
          body: source.replace(run, `${run} globalThis.sabotage?.(what) ??`),
        })
      : request.continue(),
  );
  await tab.page.setCacheEnabled(false);
  await tab.page.evaluateOnNewDocument(alive);
  await tab.visit();
  return tab;
}

/** Lets engines fail when they give an order from now on, so many times. */
export const sabotage = (tab, name, { times = 1 } = {}) =>
  tab.evaluate(
    (order, times) => {
      globalThis.sabotage = (what) => {
        if (what !== order || times === 0) return;
        times -= 1;
        throw new WebAssembly.RuntimeError("unreachable");
      };
    },
    orders[name],
    times,
  );

/** That the fresh engine of a client has begun. */
export const told = (name) =>
  `clients.${name}.history().some(({ detail }) => detail.endsWith("fresh one"))`;
