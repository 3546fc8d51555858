// Browsers keep delays in 31 bits, and fire at once beyond.
const LONGEST_MS = 2 ** 31 - 1;

/** The one timer: calls `fired` at a moment of the monotonic clock, however far away. */
export function createTimer(fired) {
  let id;
  function set(due) {
    clearTimeout(id);
    if (due === undefined) return;
    id = setTimeout(
      () => (performance.now() < due ? set(due) : fired()),
      Math.min(due - performance.now(), LONGEST_MS),
    );
  }
  return { set };
}
