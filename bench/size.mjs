// What `import { createClient } from "evergrant"` ships: all JS, bundled and minified, with the
// wasm counted as its own file. The cost of carrying the wasm inside stands beside, and the keeper, which the
// browser loads apart from the page.
// Usage: node bench/size.mjs PACKAGE [--json]
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Brotli bytes of js and wasm together: what signing in and staying signed in may cost a page. */
const BUDGET = 48_000;

/** Brotli bytes of the keeper's script. */
const KEEPER_BUDGET = 2_000;

const [folder, ...flags] = process.argv.slice(2);

const wasm = weigh(await readFile(join(folder, "evergrant_bg.wasm")));
const js = weigh(await bundle({ withWasm: false }));
const inside = weigh(await bundle({ withWasm: true }));
const keeper = weigh(await readFile(join(folder, "keeper.js")));
const total = Object.fromEntries(
  Object.keys(js).map((unit) => [unit, js[unit] + wasm[unit]]),
);

console.table({ wasm, js, total, inside, keeper });
if (flags.includes("--json")) {
  console.log(
    JSON.stringify({
      wasm: wasm.brotli,
      js: js.brotli,
      total: total.brotli,
      inside: inside.brotli,
      keeper: keeper.brotli,
    }),
  );
}
for (const [what, { brotli }, budget] of [
  ["The page's part", total, BUDGET],
  ["The keeper", keeper, KEEPER_BUDGET],
]) {
  if (brotli <= budget) continue;
  console.error(`${what} has ${brotli} bytes, over its budget of ${budget}`);
  process.exitCode = 1;
}

/** The page's bundle; without the wasm, the module that carries it is empty. */
async function bundle({ withWasm }) {
  const withoutWasm = {
    name: "without-wasm",
    setup: (build) =>
      build.onLoad({ filter: /\/wasm\.js$/ }, () => ({
        contents: `export const wasm = "";`,
      })),
  };
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createClient } from "evergrant";`,
      resolveDir: folder,
    },
    alias: { evergrant: folder },
    bundle: true,
    minify: true,
    format: "esm",
    target: "esnext",
    write: false,
    plugins: withWasm ? [] : [withoutWasm],
  });
  return outputFiles[0].contents;
}

function weigh(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}
