/** A store that belongs to one client and dies with it. */
export function memory() {
  const items = new Map();
  const getItem = async (key) => items.get(key) ?? null;
  const compareAndSwap = async (key, expected, value) => {
    const swapped = (items.get(key) ?? null) === expected;
    if (swapped) items.set(key, value);
    return swapped;
  };
  return { getItem, compareAndSwap };
}
