/** Lets a test stop a token request, before the server has processed it or after. */
export class Holds {
  #waiting = [];

  /**
   * Holds the next token request that no other hold has taken. `when`: "before" it is processed, or "after", its answer
   * ready and unsent. `arrived` resolves when it is held; `release()` lets it go on; `release({ drop: true })` cuts its
   * connection, so that a request held "after" was carried out and its answer is lost.
   */
  hold({ when = "after" } = {}) {
    const arrived = deferred();
    const released = deferred();
    this.#waiting.push({ when, arrived, released });
    return { arrived: arrived.promise, release: released.resolve };
  }

  /** Takes the hold for the request that has just come: a function that waits if asked for its `when`, and says whether to cut the connection. */
  take() {
    const held = this.#waiting.shift();
    return async (when) => {
      if (held?.when !== when) return false;
      held.arrived.resolve();
      const choice = await held.released.promise;
      return choice?.drop ?? false;
    };
  }
}

// Promise.withResolvers is newer than Node 20.
function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
