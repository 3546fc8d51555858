import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Realm } from "./realm.mjs";

/** For how long a token of the administrator's is used, in ms; it lives a minute. */
const tokenUse = 30_000;

/** Whoever may do everything at a Keycloak: its admin REST API. */
export class Administrator {
  #account;
  #token;
  #realms = new Map();

  constructor(origin, account) {
    this.origin = origin;
    this.#account = account;
  }

  /** The realm with these settings, members of the API's RealmRepresentation. Making one takes seconds, for its keys. */
  realm(settings) {
    const key = JSON.stringify(settings);
    if (!this.#realms.has(key)) this.#realms.set(key, this.#newRealm(settings));
    return this.#realms.get(key);
  }

  async #newRealm(settings) {
    const realm = randomUUID();
    await this.send("POST", "", { realm, enabled: true, ...settings });
    return new Realm(this, realm);
  }

  /** A request to the API, at a path below `/admin/realms`. Resolves to its answer's JSON, or to the id of what it has made. */
  async send(method, path, body) {
    const response = await fetch(`${this.origin}/admin/realms${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await this.#currentToken()}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text
      ? JSON.parse(text)
      : response.headers.get("Location")?.split("/").at(-1);
  }

  #currentToken() {
    if (!(Date.now() < this.#token?.until)) {
      this.#token = { until: Date.now() + tokenUse, value: this.#newToken() };
    }
    return this.#token.value;
  }

  async #newToken() {
    const response = await fetch(
      `${this.origin}/realms/master/protocol/openid-connect/token`,
      {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "password",
          client_id: "admin-cli",
          ...this.#account,
        }),
      },
    );
    const { access_token } = await response.json();
    return access_token;
  }
}
