// What `await client.getAccessToken()` costs with a live token, beside `await Promise.resolve(x)`
// in the same run. Fails above the budget.
// Usage: EVERGRANT_CHROMIUM=… node bench/hot.mjs PACKAGE
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

/** How many times `await Promise.resolve(x)` it may cost: less than an application can notice. */
const BUDGET = 2;

const folder = process.argv[2];
const server = createServer(serve).listen(0, "localhost");
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://localhost:${server.address().port}`;
const browser = await puppeteer.launch({
  executablePath: process.env.EVERGRANT_CHROMIUM,
  args: ["--no-sandbox", "--disable-quic", "--no-first-run"],
});
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  const { token, resolved, first } = await page.evaluate(measure, origin);
  const ratio = token / resolved;
  console.log(`await client.getAccessToken()  ${token.toFixed(1)} ns`);
  console.log(`await Promise.resolve(x)       ${resolved.toFixed(1)} ns`);
  console.log(`ratio                          ${ratio.toFixed(2)}`);
  console.log(`the first call of a task       ${first.toFixed(0)} ns more`);
  console.log(JSON.stringify({ token, resolved, ratio, first }));
  if (!(ratio <= BUDGET)) {
    console.error(`over the budget of ${BUDGET} × await Promise.resolve(x)`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
  server.close();
}

/** An empty page that may use the finest clock, and the package. */
async function serve(request, response) {
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  if (request.url === "/") {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>hot path</title>");
    return;
  }
  try {
    const file = await readFile(
      join(folder, new URL(request.url, origin).pathname),
    );
    response.setHeader("Content-Type", "text/javascript");
    response.end(file);
  } catch {
    response.writeHead(404).end();
  }
}

/** Runs in the page; all results are nanoseconds. */
async function measure(origin) {
  const BLOCKS = 21;
  const AWAITS = 100_000;
  const TASKS = 500;

  const { createClient } = await import(`${origin}/index.js`);
  const client = await createClient({
    clientId: "bench",
    endpoints: { token: `${origin}/token` },
    storage: "memory",
  });
  await client.setTokens({
    access_token: "a".repeat(1000),
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: "r".repeat(100),
  });
  const value = await client.getAccessToken();

  async function tokens(count) {
    const start = performance.now();
    for (let i = 0; i < count; i++) await client.getAccessToken();
    return performance.now() - start;
  }
  async function promises(count) {
    const start = performance.now();
    for (let i = 0; i < count; i++) await Promise.resolve(value);
    return performance.now() - start;
  }
  const nextTask = () => new Promise((resolve) => setTimeout(resolve));
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

  const blocks = { token: [], resolved: [] };
  for (let block = 0; block < BLOCKS; block++) {
    await nextTask();
    blocks.token.push((await tokens(AWAITS)) / AWAITS);
    await nextTask();
    blocks.resolved.push((await promises(AWAITS)) / AWAITS);
  }

  // One call is shorter than a tick of the clock: only the mean over many tasks says something.
  let first = 0;
  for (let task = 0; task < TASKS; task++) {
    await nextTask();
    first += await tokens(1);
    await nextTask();
    first -= await promises(1);
  }
  client.close();
  return {
    token: median(blocks.token) * 1e6,
    resolved: median(blocks.resolved) * 1e6,
    first: (first / TASKS) * 1e6,
  };
}
