// types.d.ts is written by hand: what it promises is held against what the built package exports.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const folder = process.env.EVERGRANT_PACKAGE;
const declarations = join(folder, "types.d.ts");
const program = ts.createProgram([declarations], {
  target: ts.ScriptTarget.ESNext,
});
const checker = program.getTypeChecker();
const declared = checker.getExportsOfModule(
  checker.getSymbolAtLocation(program.getSourceFile(declarations)),
);

for (const entry of ["index.js", "url.js"]) {
  test(`${entry} exports exactly the values that types.d.ts declares`, async () => {
    const values = declared
      .filter((symbol) => symbol.flags & ts.SymbolFlags.Value)
      .map((symbol) => symbol.name);
    const module = await import(pathToFileURL(join(folder, entry)));
    assert.deepEqual(Object.keys(module).sort(), values.sort());
  });
}

test("a client has every member that types.d.ts declares", async (t) => {
  const { createClient } = await import(
    pathToFileURL(join(folder, "index.js"))
  );
  // On Node this is the inert client, which has the same members.
  const client = await createClient({
    clientId: "types",
    endpoints: { token: "https://as.example/token" },
  });
  t.after(() => client.close());
  const type = declared.find((symbol) => symbol.name === "OAuthClient");
  const missing = checker
    .getDeclaredTypeOfSymbol(type)
    .getProperties()
    .map((member) => member.name)
    .filter((name) => !name.startsWith("__@") && !(name in client));
  assert.deepEqual(missing, []);
});
