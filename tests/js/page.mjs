// A page for Node: as much of a browser as the modules of a sign-in touch.

/** Puts something where a page has it, until the test is over. */
export function stand(t, name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, {
    value,
    configurable: true,
    writable: true,
  });
  t.after(() => {
    if (before) Object.defineProperty(globalThis, name, before);
    else delete globalThis[name];
  });
}

/**
 * `fetch` as `respond` answers it: what it gives for a request, a Response or what makes one; what it throws is
 * a failure. Returns the requests, a list that grows.
 */
export function serve(t, respond) {
  const requests = [];
  t.mock.method(globalThis, "fetch", async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    const { url, method, headers, cache, credentials } = request;
    const seen = { url, method, headers, cache, credentials, body };
    requests.push(Object.assign(seen, { form: new URLSearchParams(body) }));
    const answer = await respond(seen, requests.length);
    return answer instanceof Response ? answer : json(answer);
  });
  return requests;
}

export function json(value, status = 200, headers = {}) {
  return new Response(JSON.stringify(value), { status, headers });
}

/** A storage whose items are its own members, as a browser's are. */
export function storage(items = {}) {
  const methods = {
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      this[key] = `${value}`;
    },
    removeItem(key) {
      delete this[key];
    },
  };
  return Object.assign(Object.create(methods), items);
}

/** A tab that shows `href`: where it was sent to, in `assigned`, and what its address bar shows. */
export function openTab(t, href, items = storage()) {
  const location = new URL(href);
  const tab = { location, items, assigned: [], replaced: 0 };
  location.assign = (url) => void tab.assigned.push(url);
  stand(t, "location", location);
  stand(t, "sessionStorage", items);
  stand(t, "history", {
    state: { kept: true },
    replaceState(state, _, url) {
      tab.state = state;
      tab.replaced += 1;
      location.href = `${url}`;
    },
  });
  return tab;
}

/** The database of the test that runs: idb.js opens one for all. */
let current;

/** As much of IndexedDB as idb.js uses, until the test is over: its items. `broken` is what it fails with. */
export function openDatabase(t) {
  const items = new Map();
  const database = { items, broken: undefined };
  const soon = (action) => void queueMicrotask(action);

  function transaction() {
    if (database.broken) throw database.broken;
    const it = { error: null };
    let pending = 0;
    const answer = (result) => {
      const request = {};
      pending += 1;
      const settle = (value) => {
        request.result = value;
        request.onsuccess?.();
        pending -= 1;
        soon(() => pending || it.oncomplete?.());
      };
      soon(() => settle(result));
      request.again = (value) => {
        pending += 1;
        soon(() => settle(value));
      };
      return request;
    };
    it.objectStore = () => ({
      get: (key) => answer(items.get(key)),
      put: (value, key) => void items.set(key, value),
      openCursor({ lower, upper }) {
        const keys = [...items.keys()].sort();
        const found = keys.filter((key) => lower <= key && key <= upper);
        const next = () => {
          const key = found.shift();
          if (key === undefined) return null;
          return {
            key,
            value: items.get(key),
            delete: () => items.delete(key),
            continue: () => request.again(next()),
          };
        };
        const request = answer(next());
        return request;
      },
    });
    return it;
  }

  stand(t, "IDBKeyRange", { bound: (lower, upper) => ({ lower, upper }) });
  stand(t, "indexedDB", {
    open() {
      const request = {};
      soon(() => {
        request.result = { transaction: () => current() };
        request.onsuccess();
      });
      return request;
    },
  });
  current = transaction;
  return database;
}
