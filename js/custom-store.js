/**
 * A store of the application's own, held to its contract: texts or null, and true or false. A store
 * that says anything else has failed; what it throws, it rejects with.
 */
export function customStore(storage) {
  return {
    async getItem(key) {
      const item = await storage.getItem(key);
      return item === null ? item : must("string", item, "getItem");
    },
    async compareAndSwap(key, expected, value) {
      const swapped = await storage.compareAndSwap(key, expected, value);
      return must("boolean", swapped, "compareAndSwap");
    },
  };
}

function must(type, value, method) {
  if (typeof value !== type) {
    throw new TypeError(`${method} of \`storage\` must resolve to a ${type}.`);
  }
  return value;
}
