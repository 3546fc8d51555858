import { mono } from "./timer.js";

/**
 * The access token for the hot path: a resolved promise of it, as long as it is good by both
 * clocks. They are read once in a task; a message to oneself comes when the task is over (a timer
 * would be throttled in a hidden tab).
 */
export function openLive() {
  let token;
  let promise;
  let until;
  let fresh = false;
  let turn;

  const good = () =>
    token !== undefined && Date.now() < until.wall && mono() < until.mono;

  /** Takes a token, or undefined, and until when it is good, in milliseconds. */
  function set(newToken, wall, monotonic) {
    // The clocks may have moved.
    fresh = false;
    if (newToken !== token) promise = Promise.resolve(newToken);
    token = newToken;
    until = { wall, mono: monotonic };
  }

  /** The promise, or undefined if there is no token that is good now. */
  function get() {
    if (!fresh && good()) {
      fresh = true;
      turn ??= newTurn();
      turn.postMessage(null);
    }
    return fresh ? promise : undefined;
  }

  function newTurn() {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      fresh = false;
    };
    return port2;
  }

  function close() {
    set();
    turn?.close();
  }

  return { set, get, close };
}
