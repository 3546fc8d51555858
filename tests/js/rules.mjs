import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { good, load } from "./support.mjs";

const { complete } = await load("options.js");
const engine = await load("evergrant.js");

const file = join(process.env.EVERGRANT_PACKAGE, "evergrant_bg.wasm");
engine.initSync({ module: await WebAssembly.compile(await readFile(file)) });

/** What a client with these options goes by: its settings, and the real engine's rules. */
export function client(options) {
  const settings = complete({ ...good, ...options });
  const page = { run() {}, random: () => 1n };
  const number = engine.create(structuredClone(settings.forEngine), page);
  const ask = (step, ...facts) => engine.flow(number, step, facts);
  return { settings, ask };
}
