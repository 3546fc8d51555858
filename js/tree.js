// What `JSON.parse` gives, taken apart and put together. The engine calls this: nothing here throws.

/** The value that a text stands for; undefined where it is no JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {}
}

/** An own member of an object; undefined where there is none, and where it cannot be had. */
export function get(node, name) {
  try {
    if (Object(node) === node && Object.hasOwn(node, name)) return node[name];
  } catch {}
}

/** Takes an own member out of an object; without a name, the first element out of an array. */
export function take(node, name) {
  if (name === undefined) return Array.isArray(node) ? node.shift() : undefined;
  const value = get(node, name);
  if (value !== undefined) Reflect.deleteProperty(node, name);
  return value;
}

/**
 * Puts a member into an object; without a name, one more element into an array. Unlike an assignment,
 * it meets no setter of the page's making, and of what is frozen it says nothing.
 */
export function put(node, name, value) {
  Reflect.defineProperty(node, name ?? node.length, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/**
 * What was not taken out of an object, as JSON; undefined where nothing is left, and where it is too
 * deep to be written.
 */
export function rest(node) {
  try {
    const text = JSON.stringify(node);
    if (text?.startsWith('{"')) return text;
  } catch {}
}
