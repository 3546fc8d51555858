// Hands a family lock from tab to tab. Each holder reads the record through the package's own store, writes the next, and
// notes what it saw; and, beside it, what `localStorage` said.
import { compareAndSwap, getItem } from "/evergrant/idb.js";

const key = "evergrant:handover";
const lock = `evergrant:${key}:family`;

globalThis.handover = {
  async begin() {
    await compareAndSwap(key, null, JSON.stringify({ seq: 0, holder: null }));
    localStorage.setItem(key, 0);
  },

  /** Takes part as `holder` until `last` turns are done; returns the turns of this tab. */
  async takePart(holder, last) {
    const turns = [];
    while (
      await navigator.locks.request(lock, () => turn(holder, last, turns))
    );
    return turns;
  },
};

async function turn(holder, last, turns) {
  const local = Number(localStorage.getItem(key));
  const text = await getItem(key);
  const read = JSON.parse(text);
  if (read.seq >= last) return false;
  const seq = read.seq + 1;
  const value = JSON.stringify({ seq, holder });
  const swapped = await compareAndSwap(key, text, value);
  localStorage.setItem(key, seq);
  turns.push({ holder, read, local, seq, swapped });
  return true;
}
