// Stores of the application's own. A client asks for one by its name: `storage: "own"`. The others are that one, with a
// method that fails as the name says: while `trouble.on`, or, while `trouble.sending`, once a request has been written down.
const database = "own-store";
let opening;

const own = {
  async getItem(key) {
    const items = await begin("readonly");
    return (await done(items.get(key))) ?? null;
  },

  // One transaction, so that all tabs take turns.
  async compareAndSwap(key, expected, value) {
    const items = await begin("readwrite");
    if (((await done(items.get(key))) ?? null) !== expected) return false;
    items.put(value, key);
    await done(items.transaction);
    return true;
  },
};

const troubles = {
  throws() {
    throw new Error("the disk is gone");
  },
  async rejects() {
    throw new Error("the disk is gone");
  },
  hangs: () => new Promise(() => {}),
  "says nothing": () => undefined,
  "says nonsense": () => ["7"],
  lies: (method) => (method === "getItem" ? "<html>" : false),
};

globalThis.trouble = { on: false, sending: false };
globalThis.stores = { own };
for (const method of Object.keys(own)) {
  for (const [how, fail] of Object.entries(troubles)) {
    stores[`${method} ${how}`] = failing(method, fail);
  }
}

function failing(method, fail) {
  let sending = false;
  const fails = (it) =>
    it === method && (trouble.on || (trouble.sending && sending));
  return {
    getItem: (key) => (fails("getItem") ? fail("getItem") : own.getItem(key)),
    compareAndSwap(key, expected, value) {
      if (fails("compareAndSwap")) return fail("compareAndSwap");
      const swapped = own.compareAndSwap(key, expected, value);
      swapped.then(() => (sending ||= value.includes('"sent_at"')));
      return swapped;
    },
  };
}

async function begin(mode) {
  const db = await (opening ??= open());
  return db.transaction("items", mode).objectStore("items");
}

function open() {
  const request = indexedDB.open(database);
  request.onupgradeneeded = () => request.result.createObjectStore("items");
  return done(request);
}

function done(it) {
  return new Promise((resolve, reject) => {
    it.onsuccess = it.oncomplete = () => resolve(it.result);
    it.onerror = it.onabort = () => reject(it.error);
  });
}
