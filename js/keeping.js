// The page's side of the keeper; js/keeper.js is the other.

import { unsupported } from "./error.js";
import { POST, PREPARE } from "./orders.js";
import { ABORTED, ANSWERED, BROKEN, KEEPER } from "./signals.js";

/** Of the messages that a keeper understands. */
const VERSION = 1;

/** Where a keeper is registered, beside its script. */
const SCOPE = "evergrant-keeper";

/**
 * Finds the keeper: `keeper` is the URL of its script, or the registration of a worker that has it. Resolves
 * to its registration as `registered`, or to a promise of it, where it has to be installed first: the network
 * may be slow. Rejects, as does that promise, where there can be none.
 */
export async function findKeeper(keeper, store) {
  if (!store.getItems || !navigator.locks) {
    throw unsupported("A keeper without IndexedDB and Web Locks");
  }
  if (keeper.active !== undefined) return { registered: keeper };
  const { serviceWorker } = navigator;
  // A scope in which there is no page, so that the app's own worker is not in its way; and the same one
  // when the script has another name, as bundlers give it.
  const scope = `${new URL(SCOPE, new Request(keeper).url)}`;
  const known = await serviceWorker.getRegistration(scope);
  const registered = serviceWorker.register(keeper, { scope });
  registered.catch(() => {});
  const serves = known?.active && known.scope === scope;
  return { registered: serves ? known : registered };
}

/**
 * Posts attempts to the keeper. `task` is what they have in common: the record's key, the channel's name,
 * the timeout. `found` hears of the record as the keeper has written it, `signal` of an answer that it
 * cannot write, and that there is none; `preparing` makes requests of facts; `send` is for attempts that are not
 * posted.
 */
export function openKeeping(
  task,
  { causes, degraded, found, preparing, signal, send },
) {
  /** Of attempts whose answers the keeper could not write. */
  const ports = new Map();
  let registration;
  let silent = false;

  return {
    /** Says when there is one, or that there will be none. */
    async start(finding) {
      try {
        registration = await active((await finding).registered);
        signal(KEEPER, 1);
      } catch (error) {
        degraded("keeper", error);
      }
    },

    /** What the keeper could not write is saved here, or lives on in memory. */
    letGo(id) {
      ports.get(id)?.postMessage(0);
      ports.delete(id);
    },

    [POST](id, _, [revoking, ...facts]) {
      silent = true;
      // It was taken away.
      if (!registration.active) return signal(KEEPER, 0);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { text, answer, error } }) => {
        silent = false;
        if (text) return found(id, text);
        if (answer) ports.set(id, port1);
        causes.network = causes.timeout = error;
        const none = error?.name === "AbortError" ? ABORTED : BROKEN;
        signal(answer ? ANSWERED : none, id, 0, answer);
      };
      const request = preparing.request(id, facts);
      const revocation = preparing.revocation(revoking);
      const lock = `${task.channel}:attempt:${id}`;
      // A worker that has other listeners shows them this, but not what goes through the port.
      registration.active.postMessage({ evergrant: VERSION }, [port2]);
      port1.postMessage({ ...task, id, lock, request, revocation });
    },

    [PREPARE](...args) {
      if (silent) {
        silent = false;
        degraded("keeper", new Error("It did not answer in time."));
      }
      send(...args);
    },
  };
}

/** The registration, once its worker is active. */
async function active(registered) {
  const registration = await registered;
  const worker = registration.installing ?? registration.waiting;
  while (!registration.active) {
    if (worker.state === "redundant") throw new Error("It was not installed.");
    await new Promise((resolve) => {
      worker.addEventListener("statechange", resolve, { once: true });
    });
  }
  return registration;
}
