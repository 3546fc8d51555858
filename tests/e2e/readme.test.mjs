// The README's example, as it stands there but for the names of servers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";

const readme = readFileSync(
  new URL("../../README.md", import.meta.url),
  "utf8",
);
const [, example] = readme.match(/```js\n(import .*?)```/s);

test("the README's example signs in, calls an API and signs out, and outlives a user's no", async (t) => {
  const site = await openSite(t, { AskUser: true });
  const { origin, issuer, clients } = site.server;
  const names = {
    '"evergrant"': '"/evergrant/index.js"',
    "my-app": clients.public.clientId,
    "https://login.example.com": issuer,
    "https://api.example.com/orders": `${origin}/api/me`,
    "https://api.example.com": origin,
    "${location.origin}/`": "${location.origin}/callback`",
  };
  const script = Object.entries(names).reduce((script, [there, here]) => {
    assert(script.includes(there), there);
    return script.replaceAll(there, here);
  }, example);
  site.server.mount(
    "/callback",
    `<!doctype html><button id=sign-in></button><button id=sign-out></button>
    <script type="module">${script};globalThis.ran = true;</script>`,
  );

  const { page } = await site.openTab();
  const printed = [];
  let told = () => {};
  page.on("console", (message) => {
    // What the browser itself says, of an icon that is missing, is no log.
    if (message.type() !== "log") return;
    printed.push(message.text());
    told();
  });
  const ran = () => page.waitForFunction("globalThis.ran");
  const answer = async (yesOrNo) => {
    await page.click("#sign-in");
    await (await page.waitForSelector(`button[value=${yesOrNo}]`)).click();
    await page.waitForSelector("#sign-in");
    await ran();
  };
  await page.goto(`${origin}/callback`);
  await ran();
  assert.deepEqual(printed, []);
  await answer("no");
  const [said, ...more] = printed.splice(0);
  assert.match(said, /^Not signed in: OAuthClientError/);
  assert.deepEqual(more, []);
  await answer("yes");
  const [name] = printed.splice(0);
  assert.equal(name, "Signed in: Ada Lovelace");
  assert.equal(site.entries("api").at(-1).status, 200);
  await page.reload();
  await ran();
  assert.equal(printed.splice(0)[0], "Signed in: Ada Lovelace");
  assert.equal(site.tokenRequests.length, 1);
  printed.length = 0;
  const leaving = new Promise((resolve) => (told = resolve));
  await page.click("#sign-out");
  await leaving;
  assert.deepEqual(printed, ["Signed out: signed-out"]);
});
