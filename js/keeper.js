// The keeper: a service worker, or a part of the application's own, that carries a refresh whose page
// may go. It claims the attempt that the page has posted, sends its request, and writes the answer into
// the record before it tells anyone; what an answer means is for the engine to say. It sees no request of
// the page's, and keeps nothing. The package has it as one file, without imports or exports.

import { change, getItems } from "./idb.js";
import { answer, post } from "./request.js";
import { keyName, sealed } from "./seal.js";

/** Of the messages, and of the records, that it understands. */
const VERSION = 1;

/** Later than this after its message an attempt has been withdrawn, in milliseconds. */
const START_MS = 1000;

/** From the claim to the sending, at most, in milliseconds: who was frozen in between must not send. */
const SEND_WINDOW_MS = 2000;

/** A save that takes longer has failed; one that has failed is tried again as late, in milliseconds. */
const SAVE_MS = 1000;

/** How often a request's time is counted, in milliseconds. */
const LOOK_MS = 1000;

/** How often a save is tried. */
const SAVES = 60;

addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data?.evergrant !== VERSION || !port) return;
  // What other listeners here need not see comes through the port.
  const work = new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(carry(data, port));
  });
  event.waitUntil(work);
});

/** Holds the attempt's lock until its answer is in the record, or none will come. */
async function carry(task, port) {
  const options = { signal: AbortSignal.timeout?.(START_MS) };
  try {
    await navigator.locks.request(task.lock, options, () => work(task, port));
  } catch {
    // It started too late, or the store fails: then the page goes on by itself.
  }
}

async function work(task, port) {
  const [wall, mono] = [Date.now(), performance.now()];
  const claimed = await rewrite(task, (record, attempt) =>
    attempt?.state === "posted" &&
    // Else somebody has written since, and an answer may be there.
    attempt === record.attempts.at(-1) &&
    record.version <= VERSION
      ? { ...attempt, state: "claimed", sent_at: wall }
      : null,
  );
  if (!claimed) return;
  const waited = Date.now() - wall;
  if (
    waited < 0 ||
    Math.max(waited, performance.now() - mono) > SEND_WINDOW_MS
  ) {
    const withdrawn = await rewrite(task, (_, it) => (it ? undefined : null));
    return tell(task, port, withdrawn);
  }
  let plain;
  try {
    plain = await exchange(task);
  } catch (error) {
    return port.postMessage({ error });
  }
  await save(task, port, claimed, plain);
}

/** Sends the request. Its time is counted in looks, so that a wake does not abort an answer that is there. */
async function exchange({ request, timeoutMs }) {
  const controller = new AbortController();
  const { signal } = controller;
  let looks = 0;
  const timer = setInterval(() => {
    if (++looks * LOOK_MS >= timeoutMs) controller.abort();
  }, LOOK_MS);
  try {
    return await answer(await fetch(post(request, { signal })));
  } finally {
    clearInterval(timer);
  }
}

/** Writes an answer down. One that cannot be written is handed to the page, until that lets go of it. */
async function save(task, port, { lineage, generation, attempts }, plain) {
  const answered_at = Date.now();
  const claimed = attempts.find(({ id }) => id === task.id);
  const write = async () => {
    const [, cryptoKey] = await getItems(task.key, keyName(task.key));
    const answer = await sealed(plain, cryptoKey);
    const answered = { ...claimed, state: "answered", answer, answered_at };
    let found;
    const written = await rewrite(task, (record) => {
      found = record;
      const lives = record.lineage === lineage;
      return lives && record.generation === generation ? answered : null;
    });
    return () =>
      written ? tell(task, port, written) : forget(task, found, lineage, plain);
  };

  let gone = false;
  const letGo = new Promise((resolve) => {
    port.onmessage = () => resolve((gone = true));
  });
  for (let saves = 0; saves < SAVES && !gone; saves++) {
    const late = pause();
    let done;
    try {
      done = await Promise.race([write(), late]);
    } catch {}
    if (done) return done();
    if (!saves) port.postMessage({ answer: plain });
    await Promise.race([late, letGo]);
  }
}

/** Nobody waits for an answer any more: after a sign-out, its tokens are taken back. */
async function forget({ revocation }, { ended = [] }, lineage, { body }) {
  const { reason, replaced } = ended.find((it) => it.lineage === lineage) ?? {};
  if (reason !== "signed-out" || replaced || !revocation) return;
  try {
    const { refresh_token } = JSON.parse(body);
    const [url, form, headers] = revocation;
    const parameters = new URLSearchParams(form);
    parameters.set("token", refresh_token);
    if (refresh_token) await fetch(post([url, parameters, headers]));
  } catch {
    // It brought none, or the server is away.
  }
}

/** The page gets the record as it was written, and the other tabs hear of it. */
function tell({ channel: name }, port, record) {
  if (!record) return;
  port.postMessage({ text: JSON.stringify(record) });
  const channel = new BroadcastChannel(name);
  channel.postMessage({ seq: record.seq });
  channel.close();
}

/**
 * In one transaction, puts in the place of the task's attempt what `edit` says of the record and of it:
 * an attempt; undefined for none. For null nothing is written. Resolves to the record as it was written.
 */
async function rewrite({ key, id }, edit) {
  let written;
  const rewritten = (text) => {
    const record = parsed(text);
    const attempts = record.attempts ?? [];
    const attempt = attempts.find((it) => it.id === id);
    const instead = edit(record, attempt);
    if (instead === null) return undefined;
    record.attempts = attempts.filter((it) => it !== attempt);
    if (instead) record.attempts.push(instead);
    record.seq += 1;
    written = record;
    return { [key]: JSON.stringify(record) };
  };
  await change(key, rewritten, true);
  return written;
}

/** What is no record is one without members. */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, SAVE_MS));
}
