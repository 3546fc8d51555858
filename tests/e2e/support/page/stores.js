// Stores of the application's own. A client asks for one by its name: `storage: "own"`. The others are that one, with a
// method that fails as the name says while `trouble.on`.
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

globalThis.trouble = { on: false };
globalThis.stores = { own };
for (const method of Object.keys(own)) {
  for (const [how, fail] of Object.entries(troubles)) {
    stores[`${method} ${how}`] = {
      ...own,
      [method]: (...args) => (trouble.on ? fail(method) : own[method](...args)),
    };
  }
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
