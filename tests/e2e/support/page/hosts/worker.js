// A client in a worker, dedicated or shared, where there is no document. Whoever posts it options
// hears what the client looks like, now and after every change.
import { createClient } from "/evergrant/index.js";

let ports = [];
let starting;

async function start(options) {
  const client = await createClient(options);
  const response = await fetch("/dev/tokens", { method: "POST", body: "{}" });
  await client.setTokens(await response.json());
  return client;
}

async function join(port, options) {
  ports.push(port);
  const client = await (starting ??= start(options));
  const tell = async () => {
    const { session, ended, degraded } = client;
    const called = await call(client);
    port.postMessage({ session, ended, degraded, ...called });
  };
  client.subscribe(tell);
  tell();
}

async function call(client) {
  try {
    const token = await client.getAccessToken();
    const headers = { Authorization: `Bearer ${token}` };
    return { status: (await fetch("/api/me", { headers })).status };
  } catch ({ code }) {
    return { code };
  }
}

const listen = (port) => {
  port.onmessage = ({ data }) => join(port, data);
};
if ("onconnect" in globalThis) {
  globalThis.onconnect = ({ ports: [port] }) => listen(port);
} else {
  listen(globalThis);
}
