const lockPrefix = "evergrant-demo:tab:";
const marksKept = 200;

/**
 * The tabs of this app telling each other about themselves. Each has a number, held as a Web Lock for as long as the tab
 * lives, and `marks`: `{ at, type, ...}` in order. A reload keeps the number and the marks.
 */
export class Tabs {
  /** Number → `{ number, marks }`, this tab's own among them. */
  lanes = new Map();
  #channel = new BroadcastChannel("evergrant-demo");
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  async join() {
    const stored = JSON.parse(sessionStorage.getItem("lane") ?? "null");
    this.number = await takeNumber(stored?.number);
    const same = stored?.number === this.number;
    this.lanes.set(this.number, {
      number: this.number,
      marks: same ? stored.marks : [],
    });
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#channel.postMessage({ hello: true });
    const [{ type }] = performance.getEntriesByType("navigation");
    this.mark(same && type === "reload" ? "reload" : "open");
    addEventListener("pagehide", () => this.mark("leave"));
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.mark("open");
    });
    setInterval(() => this.#noticeTheDead(), 2000);
  }

  /** Notes something that this tab did or learned, and tells the others. */
  mark(type, facts = {}) {
    const lane = this.lanes.get(this.number);
    lane.marks = [...lane.marks, { at: Date.now(), type, ...facts }].slice(
      -marksKept,
    );
    sessionStorage.setItem("lane", JSON.stringify(lane));
    this.#channel.postMessage({ lane });
    this.#changed();
  }

  #hear({ hello, lane }) {
    if (hello) {
      this.#channel.postMessage({ lane: this.lanes.get(this.number) });
    }
    if (lane) this.lanes.set(lane.number, lane);
    this.#changed();
  }

  // A tab that crashed or was killed said nothing, but its lock is free.
  async #noticeTheDead() {
    const { held } = await navigator.locks.query();
    const alive = new Set(held.map(({ name }) => name));
    for (const lane of this.lanes.values()) {
      const left = lane.marks.at(-1)?.type === "leave";
      if (!left && !alive.has(lockPrefix + lane.number)) {
        lane.marks.push({ at: Date.now(), type: "leave" });
        this.#changed();
      }
    }
  }
}

// The document before a reload may hold its lock for a moment longer; a duplicated tab finds it held by a living one.
async function takeNumber(former) {
  if (former && (await take(former, { signal: AbortSignal.timeout(500) }))) {
    return former;
  }
  for (let number = 1; ; number++) {
    if (await take(number, { ifAvailable: true })) return number;
  }
}

function take(number, options) {
  return new Promise((resolve) => {
    navigator.locks
      .request(lockPrefix + number, options, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {});
      })
      .catch(() => resolve(false));
  });
}
