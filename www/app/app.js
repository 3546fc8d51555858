import { Board } from "./board.js";
import { listenToControls, showSession, showSettings } from "./controls.js";
import { Faults } from "./faults.js";
import { showHistory, showJournal } from "./logs.js";
import { legend } from "./marks.js";
import { Rings } from "./rings.js";
import { everyFrame } from "./svg.js";
import { Tabs } from "./tabs.js";
import { describe, dial } from "./telling.js";
import { Timeline } from "./timeline.js";

const element = (id) => document.getElementById(id);

let redrawing = false;
let tokens = [];

const client = await startClient();
const tabs = new Tabs(redraw);
const faults = await Faults.open(element("faults"));
const board = new Board({
  onEntry: redraw,
  onSettings: (settings) => showSettings(settings, element),
  onFault: (current) => faults.show(current),
});
const timeline = new Timeline(element("timeline"), look);
const rings = new Rings(element("rings"));

await tabs.join();
element("tab-name").textContent = `Tab ${tabs.number}`;
element("legend").append(...legend());
tabs.mark("state", { session: client.session !== null });
client.on("signed-in", ({ by }) => learned(by, "issued"));
client.on("refreshed", ({ by }) => learned(by, "rotated"));
client.on("signed-out", ({ reason }) =>
  tabs.mark(reason === "signed-out" ? "revoked" : "refused", {
    session: false,
  }),
);
client.subscribe(redraw);
listenToControls({ client, tabs, element });
everyFrame(frame);
setInterval(redraw, 1000);

async function startClient() {
  try {
    const { createClient } = await import("/evergrant/index.js");
    const [settings, endpoints] = await Promise.all(
      ["/settings", "/endpoints"].map(async (path) =>
        (await fetch(path)).json(),
      ),
    );
    return await createClient({
      clientId: "evergrant-spa",
      issuer: location.origin,
      endpoints,
      keeper: "/evergrant/keeper.js",
      refresh: {
        refreshTokenLifetimeSeconds: settings.RefreshTokenValidityPeriod,
      },
    });
  } catch (error) {
    element("sentence").textContent = "The package did not start.";
    element("explanation").textContent = `${error.name}: ${error.message}`;
    throw error;
  }
}

// The tab that sent the request is tied to it by the fingerprint of the access token it got.
async function learned(by, type) {
  if (by === "another-tab") return tabs.mark("adopted", { session: true });
  const access = await fingerprint(await client.getAccessToken());
  tabs.mark(type, { session: true, access });
}

async function fingerprint(token) {
  const bytes = new TextEncoder().encode(token);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest, 0, 4)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function look() {
  return {
    tokens,
    entries: board.entries,
    lanes: tabs.lanes,
    ownNumber: tabs.number,
    nextRefreshAt: client.session?.nextRefreshAt?.getTime(),
    lifetime: board.settings.AccessTokenLifetime ?? 60,
  };
}

// Many things may change in one task; they are drawn together after it.
function redraw() {
  if (redrawing) return;
  redrawing = true;
  setTimeout(() => {
    redrawing = false;
    draw();
  });
}

function draw() {
  const { session, ended } = client;
  const { sentence, explanation } = describe({ session, ended });
  say("sentence", sentence);
  say("explanation", explanation);
  document.body.classList.toggle(
    "waiting",
    session?.status === "retrying" || session?.status === "expired",
  );
  showSession(session, element);
  for (const [name, count] of Object.entries(board.summary)) {
    say(`count-${name}`, String(count));
    const { classList, dataset } = element(`count-${name}`);
    classList.toggle("bad", "bad" in dataset && count > 0);
  }
  showHistory(element("history"), client.history());
  showJournal(element("journal"), board.entries);
  tokens = board.tokens();
  rings.show(ownTokens());
  timeline.draw();
}

function frame(now) {
  const { session } = client;
  const lastRefreshAt = ownTokens().at(-1)?.from ?? now;
  const { text, label, left } = dial({ session, lastRefreshAt, now });
  say("countdown", text);
  say("countdown-label", label);
  rings.turn(left);
  timeline.frame(now);
}

// The generations of the session that is alive: the newest family.
function ownTokens() {
  if (!client.session) return [];
  return tokens.filter(({ family }) => family === tokens.at(-1).family);
}

function say(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}
