// Browsers keep delays in 31 bits, and fire at once beyond.
const LONGEST_MS = 2 ** 31 - 1;

/** The monotonic clock, in milliseconds; where the page has broken it, the wall clock. */
export function mono() {
  try {
    return performance.now();
  } catch {
    return Date.now();
  }
}

/** The one timer: calls `fired` at a moment of the monotonic clock, however far away. */
export function createTimer(fired) {
  let id;
  function set(due) {
    clearTimeout(id);
    if (due === undefined) return;
    id = setTimeout(
      () => (mono() < due ? set(due) : fired()),
      Math.min(due - mono(), LONGEST_MS),
    );
  }
  return { set };
}
