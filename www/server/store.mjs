/**
 * The adapter oidc-provider keeps its tokens in: one map in memory that forgets nothing by itself.
 * The package's own memory adapter keeps the newest 1000 entries, so that a long run would lose a living grant,
 * and would call a spent refresh token unknown.
 */
export function createStore() {
  const entries = new Map();
  return (model) => new Adapter(model, entries);
}

class Adapter {
  #model;
  #entries;

  constructor(model, entries) {
    this.#model = model;
    this.#entries = entries;
  }

  async upsert(id, payload) {
    this.#entries.set(this.#key(id), payload);
  }

  async find(id) {
    return this.#entries.get(this.#key(id));
  }

  async findByUid(uid) {
    return this.#all().find(([, payload]) => payload.uid === uid)?.[1];
  }

  async findByUserCode(userCode) {
    return this.#all().find(
      ([, payload]) => payload.userCode === userCode,
    )?.[1];
  }

  async consume(id) {
    (await this.find(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.#entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, payload] of this.#all()) {
      if (payload.grantId === grantId) this.#entries.delete(key);
    }
  }

  #key(id) {
    return `${this.#model}:${id}`;
  }

  #all() {
    return [...this.#entries].filter(([key]) =>
      key.startsWith(`${this.#model}:`),
    );
  }
}
