import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/package.mjs";

const script = fileURLToPath(new URL("server.py", import.meta.url));
const running = new Map();

after(async () => {
  for (const it of running.values()) (await it).process.kill();
});

/** A django-oauth-toolkit of this test file's whose access tokens live so many seconds, as elsewhere.mjs takes it. */
export function djangoServer(lifetime) {
  if (!running.has(lifetime)) running.set(lifetime, start(lifetime));
  return running.get(lifetime);
}

async function start(lifetime) {
  const django = spawn(
    process.env.EVERGRANT_PYTHON,
    [script, temporaryFolder(), lifetime],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const port = await Promise.race([
    once(django.stdout, "data").then(([line]) => Number(line)),
    once(django, "exit").then(([code]) => {
      throw new Error(`django ended with ${code} before it listened`);
    }),
  ]);
  return { process: django, origin: `http://localhost:${port}` };
}
