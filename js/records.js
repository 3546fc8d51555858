import { READ, WRITE } from "./orders.js";
import { read } from "./seal.js";
import {
  FOUND,
  LOST,
  MISSING,
  UNREAD,
  UNREADABLE,
  UNWRITTEN,
  WRITTEN,
} from "./signals.js";

/** Of the records that the engine writes. */
const VERSION = 1;

/** How many texts are kept: of the last reads and writes, whichever the next write expects. */
const TEXTS = 4;

/**
 * The record under one key of a store. The engine names what it expects there by lineage and `seq`;
 * what is compared is the text. The engine hears by `signal` what became of a reading, and of a write,
 * in the task of its completion. `causes` keeps the exception of the last access, if it failed.
 * Nothing here throws.
 */
export function openRecords(store, key, causes, signal) {
  const texts = new Map();
  let unreadable = null;

  const stamp = ({ lineage = 0, seq }) => `${lineage}:${seq}`;
  // False if this is no record at all.
  const remember = (record, text) => {
    let name;
    try {
      name = stamp(record);
    } catch {
      return false;
    }
    texts.delete(name);
    texts.set(name, text);
    if (texts.size > TEXTS) texts.delete(texts.keys().next().value);
    return true;
  };

  return {
    async [READ](purpose) {
      let item;
      try {
        item = await read(store, key);
        causes.storage = undefined;
      } catch (error) {
        causes.storage = error;
        return signal(UNREAD, purpose);
      }
      unreadable = null;
      if (!item) return signal(MISSING, purpose);
      const { text, version, record } = item;
      const known = remember(record, text) ? record : undefined;
      if (signal(FOUND, purpose, 0, known)) return;
      if (version > VERSION) {
        // There is a session for a later version; it is not ours to replace.
        causes.storage = new Error("A later version of evergrant wrote it.");
        return signal(UNREAD, purpose);
      }
      // It may be replaced as if nothing stood there.
      unreadable = text;
      signal(UNREADABLE, purpose);
    },

    async [WRITE](purpose, _, [record, strict, lineage, seq]) {
      const before =
        seq === undefined ? unreadable : texts.get(stamp({ lineage, seq }));
      if (before === undefined) return signal(LOST, purpose);
      let text;
      let swapped;
      try {
        text = JSON.stringify(record);
        swapped = await store.compareAndSwap(key, before, text, strict);
        causes.storage = undefined;
      } catch (error) {
        causes.storage = error;
        return signal(UNWRITTEN, purpose);
      }
      if (swapped) remember(record, text);
      signal(swapped ? WRITTEN : LOST, purpose);
    },
  };
}
