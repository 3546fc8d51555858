import { READ, WRITE } from "./orders.js";
import { keyName, open, read, seal } from "./seal.js";
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
  const seals = store.getItems && globalThis.crypto.subtle;
  /** Texts, each with the key under which it is sealed, by the records' names. */
  const items = new Map();
  /** What stands where the engine sees no record. */
  let blank = { text: null };
  let latest = blank;

  const stamp = ({ lineage = 0, seq }) => `${lineage}:${seq}`;
  const remember = (name, item) => {
    items.delete(name);
    items.set(name, (latest = item));
    if (items.size > TEXTS) items.delete(items.keys().next().value);
  };

  /** False if the engine does not take it for a record. */
  const found = (purpose, { text, cryptoKey, record }) => {
    let known;
    try {
      remember(stamp(record), { text, cryptoKey });
      known = record;
    } catch {}
    return signal(FOUND, purpose, 0, known);
  };

  return {
    /** What the keeper has written, after this engine's latest write, is as good as read. */
    async found(purpose, text) {
      found(purpose, await open(text, latest.cryptoKey));
    },

    async [READ](purpose) {
      let item;
      try {
        item = await read(store, key);
        causes.storage = undefined;
      } catch (error) {
        causes.storage = error;
        return signal(UNREAD, purpose);
      }
      blank = { text: null };
      if (!item) return signal(MISSING, purpose);
      if (found(purpose, item)) return;
      if (item.version > VERSION) {
        // There is a session for a later version; it is not ours to replace.
        causes.storage = new Error("A later version of evergrant wrote it.");
        return signal(UNREAD, purpose);
      }
      // It may be replaced as if nothing stood there.
      blank = { text: item.text };
      signal(UNREADABLE, purpose);
    },

    async [WRITE](purpose, _, [record, strict, lineage, seq]) {
      const before =
        seq === undefined ? blank : items.get(stamp({ lineage, seq }));
      if (!before) return signal(LOST, purpose);
      const name = stamp(record);
      let item;
      let swapped;
      try {
        item = seals
          ? await seal(record, before.cryptoKey)
          : { text: JSON.stringify(record) };
        const { text, cryptoKey } = item;
        // A new key is there as soon as what is sealed under it.
        const others = cryptoKey !== before.cryptoKey && {
          [keyName(key)]: cryptoKey,
        };
        swapped = await store.compareAndSwap(
          key,
          before.text,
          text,
          strict,
          others,
        );
        causes.storage = undefined;
      } catch (error) {
        causes.storage = error;
        return signal(UNWRITTEN, purpose);
      }
      if (swapped) remember(name, item);
      signal(swapped ? WRITTEN : LOST, purpose);
    },
  };
}
