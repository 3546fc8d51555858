// A sign-in in a window of its own. Its page says by a channel, which is named by the state and reaches
// pages of this origin only, what the server has answered; where the browser gives the two no common channel
// (an app in another site's frame), by a message to its opener, whose origin both look at.

import { aborted, OAuthClientError } from "./error.js";

/** How the state of a sign-in in a popup begins: its page knows by it that somebody may be waiting. */
export const POPUP = "evergrant-popup.";

/** How often one looks whether the popup was closed, in milliseconds; and how often it must seem so. */
const LOOK_MS = 500;
const LOOKS = 3;

/** How long the page in the popup waits for somebody to hear it, in milliseconds. */
const HEARD_MS = 1000;

const channelOf = (state) => new BroadcastChannel(`evergrant:${state}`);

const concerns = (state, { origin, data }) =>
  origin === location.origin && data?.evergrant === state;

/**
 * Opens a popup, and waits in it for the answer that belongs to `state`, which `complete` makes something of.
 * Throws `popup-blocked`. `done` settles as the sign-in does; `close` ends the wait.
 */
export function openPopup(state, signal, complete) {
  const popup = open("", "", "popup,width=480,height=640");
  if (!popup) {
    throw new OAuthClientError(
      "popup-blocked",
      "The browser blocked the popup: call signIn when the user clicks.",
      { retryable: true },
    );
  }
  const channel = channelOf(state);
  const controller = new AbortController();
  let looks = 0;
  let taken;
  let settle;
  const done = new Promise((...both) => (settle = both));
  done.catch(() => {});
  const stop = () => {
    clearInterval(timer);
    controller.abort();
    channel.close();
    popup.close();
  };
  const take = (url) => {
    taken ??= complete(url)
      .then(...settle)
      .finally(stop);
  };

  channel.onmessage = ({ data }) => {
    if (!data) return;
    channel.postMessage(0);
    take(data);
  };
  const options = { signal: controller.signal };
  const hear = (event) => {
    if (event.source !== popup || !concerns(state, event)) return;
    popup.postMessage({ evergrant: state }, location.origin);
    take(event.data.url);
  };
  addEventListener("message", hear, options);
  // A page that cuts itself off from its opener seems closed to it. A user who has closed it is back here.
  const timer = setInterval(() => {
    looks = popup.closed && document.hasFocus() ? looks + 1 : 0;
    // Should the answer come nevertheless, the session begins.
    if (looks === LOOKS && !taken) {
      clearInterval(timer);
      settle[1](
        new OAuthClientError("popup-closed", "The user closed the popup.", {
          retryable: true,
        }),
      );
    }
  }, LOOK_MS);
  const abort = () => {
    settle[1](aborted(signal));
    stop();
  };
  signal?.addEventListener("abort", abort, options);
  return {
    go: (url) => (popup.location = url),
    close: stop,
    done,
  };
}

/** In a popup: hands the answer to whoever waits for it, and closes. Null if nobody does. */
export async function passOn(state, url) {
  if (!state.startsWith(POPUP)) return null;
  const channel = channelOf(state);
  const controller = new AbortController();
  const heard = await new Promise((resolve) => {
    // Another call here says the URL; who waits for it says 0.
    channel.onmessage = ({ data }) => data || resolve(true);
    addEventListener("message", (it) => concerns(state, it) && resolve(true), {
      signal: controller.signal,
    });
    setTimeout(resolve, HEARD_MS);
    channel.postMessage(`${url}`);
    globalThis.opener?.postMessage(
      { evergrant: state, url: `${url}` },
      location.origin,
    );
  });
  controller.abort();
  channel.close();
  if (!heard) return null;
  close();
  return {};
}
