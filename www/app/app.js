import { Board } from "./board.js";
import { openClient } from "./client.js";
import { listenToControls, showSession, showSettings } from "./controls.js";
import { Faults } from "./faults.js";
import { complaint } from "./format.js";
import { showHistory, showJournal } from "./logs.js";
import { legend } from "./marks.js";
import { Rings } from "./rings.js";
import { everyFrame } from "./svg.js";
import { Switches } from "./switches.js";
import { Tabs } from "./tabs.js";
import { describe, dial } from "./telling.js";
import { Timeline } from "./timeline.js";

const element = (id) => document.getElementById(id);

let redrawing = false;
let tokens = [];

const switches = new Switches(element("switches"), restart);
let client = await startClient();
let restarted = Promise.resolve();
const answered = await takeAnswer();
// A sign-in's popup closes here: the page that opened it has the answer.
if (closed) await new Promise(() => {});

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
listen();
if (answered) learned("this-tab", "issued");
listenToControls({ client: () => client, switches, tabs, element });
element("sign-in").disabled = false;
document.body.classList.add("started");
everyFrame(frame);
setInterval(redraw, 1000);

async function startClient() {
  try {
    return await openClient(switches.values);
  } catch (error) {
    document.body.classList.add("started");
    say("sentence", "The package did not start.");
    say("explanation", `${error.name}: ${error.message}`);
    throw error;
  }
}

// The answer to a sign-in by redirect, if this page was loaded with one.
async function takeAnswer() {
  try {
    return await client.handleRedirectCallback();
  } catch (error) {
    say("outcome", complaint(error));
    return null;
  }
}

// What a client does is settled when it is made; so a flipped switch makes another one, and the last flip's is the one to
// sign in with.
async function restart() {
  element("sign-in").disabled = true;
  const turn = restarted.then(async () => {
    client.close();
    client = await startClient();
    listen();
    redraw();
  });
  restarted = turn;
  await turn;
  element("sign-in").disabled = turn !== restarted;
}

function listen() {
  client.on("signed-in", ({ by }) => learned(by, "issued"));
  client.on("refreshed", ({ by }) => learned(by, "rotated"));
  client.on("signed-out", ({ reason }) =>
    tabs.mark(reason === "signed-out" ? "revoked" : "refused", {
      session: false,
    }),
  );
  client.subscribe(redraw);
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
