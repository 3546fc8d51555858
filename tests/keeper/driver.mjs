// Runs the keeper as it is packed, and has it take one step at a time: `node driver.mjs FOLDER_OF_THE_PACKAGE`. Each line on
// stdin is one thing that happens, as `main.rs` sends them; each line on stdout is what the keeper has done since, and what
// stands in its store.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";
import vm from "node:vm";

const script = new vm.Script(
  readFileSync(join(process.argv[2], "keeper.js"), "utf8"),
);

/** A keeper and all it touches. Nothing goes on but by `happen`. */
function open({ record, message, now }) {
  let done = [];
  let stored = record;
  let editing;
  let asking;
  let sending;
  let port;
  let mono = 0;
  const timers = new Map();

  const transaction = (_, mode = "readonly") => {
    const gets = [];
    const puts = [];
    const transaction = {
      objectStore: () => ({
        get(key) {
          const request = { key };
          gets.push(request);
          return request;
        },
        put: (value, key) => puts.push([key, value]),
      }),
    };
    const run = () => {
      for (const request of gets) {
        if (request.key === message.key) request.result = stored ?? undefined;
      }
      try {
        for (const request of gets) request.onsuccess?.();
      } catch {
        // As a browser does with what a listener throws.
        return fail();
      }
      for (const [key, value] of puts) if (key === message.key) stored = value;
      transaction.oncomplete();
    };
    const fail = () => {
      transaction.error = new Error("The disk is gone.");
      transaction.onabort();
    };
    if (mode === "readonly") setImmediate(run);
    else {
      editing = { run, fail };
      done.push("Edit");
    }
    return transaction;
  };

  const context = {
    AbortController,
    BroadcastChannel: class {
      constructor(name) {
        this.name = name;
      }
      postMessage({ seq }) {
        done.push(`Announce ${this.name} ${seq}`);
      }
      close() {}
    },
    AbortSignal: {
      timeout(ms) {
        const controller = new AbortController();
        asking = { ms, controller };
        return controller.signal;
      },
    },
    Request,
    TextDecoder,
    TextEncoder,
    URLSearchParams,
    DOMException,
    atob,
    btoa,
    crypto,
    CryptoKey,
    Date: { now: () => now, parse: Date.parse },
    performance: { now: () => mono },
    addEventListener(_, listener) {
      const give = (text) => done.push(text);
      port = {
        postMessage({ text, answer, error }) {
          if (text) give(text === stored ? "TellRecord" : "TellAnother");
          else if (answer) give("HandOver");
          else give(error instanceof Error ? "TellNone" : `Tell ${error}`);
        },
      };
      const hello = { evergrant: message.evergrant };
      listener({ data: hello, ports: [port], waitUntil() {} });
      port.onmessage({ data: message });
    },
    indexedDB: {
      open() {
        const request = { result: { transaction } };
        setImmediate(() => request.onsuccess());
        return request;
      },
    },
    navigator: {
      locks: {
        request(name, { signal }, work) {
          done.push(`Ask ${name}`);
          return new Promise((resolve, reject) => {
            signal.onabort = () => reject(signal.reason);
            asking.grant = () => resolve(work());
          }).finally(() => done.push("Done"));
        },
      },
    },
    fetch(request) {
      const { pathname } = new URL(request.url);
      request.text().then((body) => done.push(`Fetch ${pathname} ${body}`));
      return new Promise((resolve, reject) => {
        sending = { resolve, reject };
        request.signal.onabort = () => reject(request.signal.reason);
      });
    },
    setTimeout: (fire, ms) => set(fire, ms),
    setInterval: (fire, ms) => set(fire, ms, ms),
    clearInterval: (id) => timers.delete(id),
    clearTimeout: (id) => timers.delete(id),
  };

  function set(fire, ms, every) {
    const id = timers.size + 1 + mono;
    timers.set(id, { fire, at: mono + ms, every });
    return id;
  }

  function pass(ms) {
    now += ms;
    mono += ms;
    for (const [id, timer] of [...timers]) {
      if (timer.at > mono) continue;
      // An interval that was missed is not made up for.
      if (timer.every) timer.at = mono + timer.every;
      else timers.delete(id);
      timer.fire();
    }
  }

  const happenings = {
    Granted: () => asking.grant(),
    TooLate: () =>
      asking.controller.abort(new DOMException("", "TimeoutError")),
    /** The store does what it is asked to, on what stands there now. */
    Edited: () => editing.run(),
    StoreFails: () => editing.fail(),
    Answered: ({ status, body, headers }) =>
      sending.resolve(new Response(body, { status, headers })),
    Broken: () => sending.reject(new TypeError("Failed to fetch")),
    LetGo: () => port.onmessage({ data: 0 }),
    /** Time passes while it is frozen: no timer fires. */
    Frozen: ({ ms }) => {
      now += ms;
      mono += ms;
    },
    SetBack: ({ ms }) => (now -= ms),
    Passed: ({ ms }) => {
      for (let left = ms; left > 0; left -= 1000) pass(Math.min(left, 1000));
    },
    Stored: ({ record }) => (stored = record),
  };

  script.runInNewContext(context);

  return {
    async happen(what, facts) {
      happenings[what]?.(facts);
      // Nothing here takes longer than a few turns, but for the sealing, which has no key here.
      for (let quiet = 0; quiet < 20; quiet++) await turn();
      const told = { done, stored, now, startMs: asking.ms };
      done = [];
      return told;
    },
  };
}

let keeper;
for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...facts } = JSON.parse(line);
  if (what === "Open") keeper = open(facts);
  console.log(JSON.stringify(await keeper.happen(what, facts)));
}
