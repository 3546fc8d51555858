/**
 * The access token for the hot path: a resolved promise of it, as long as it is good by both
 * clocks. They are read once in a task; a message to oneself comes when the task is over (a timer
 * would be throttled in a hidden tab).
 */
export class LiveToken {
  #token;
  #promise;
  #untilWall = 0;
  #untilMono = 0;
  #fresh = false;
  #turn;

  /** Takes a token, or undefined, and until when it is good, in milliseconds. */
  set(token, untilWall, untilMono) {
    this.#fresh = false;
    if (token !== this.#token) this.#promise = Promise.resolve(token);
    this.#token = token;
    this.#untilWall = untilWall;
    this.#untilMono = untilMono;
  }

  /** The promise, or undefined if there is no token that is good now. */
  get() {
    if (!this.#fresh && this.#good()) {
      this.#fresh = true;
      this.#turn ??= this.#newTurn();
      this.#turn.postMessage(null);
    }
    return this.#fresh ? this.#promise : undefined;
  }

  /** The clocks may have moved. */
  doubt() {
    this.#fresh = false;
  }

  close() {
    this.set(undefined, 0, 0);
    this.#turn?.close();
  }

  #good() {
    return (
      this.#token !== undefined &&
      Date.now() < this.#untilWall &&
      performance.now() < this.#untilMono
    );
  }

  #newTurn() {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => this.doubt();
    return port2;
  }
}
