// types.d.ts is written by hand: what it promises is held against what the built package exports.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
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

test("usage.ts uses every type, every member and every word that types.d.ts declares", () => {
  const config = ts.getParsedCommandLineOfConfigFile(
    fileURLToPath(new URL("tsconfig.json", import.meta.url)),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: assert.fail },
  );
  const program = ts.createProgram(config.fileNames, config.options);
  const find = (name) =>
    program.getSourceFiles().find((file) => file.fileName.endsWith(name));
  const { nodes, words } = usedIn(find("/usage.ts"), program.getTypeChecker());
  const unused = declaredIn(find("/types.d.ts"))
    .filter(({ node, word }) => !(node ? nodes.has(node) : words.has(word)))
    .map(({ name }) => name);
  assert.deepEqual(unused, []);
});

/** The declarations in a file that can be used: types, values and members, each a node; and words. */
function declaredIn(file) {
  const found = [];
  const visit = (node, path) => {
    const here = node.name ? [...path, node.name.getText()] : path;
    const name = here.join(".");
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) {
      const word = node.literal.text;
      found.push({ name: `${name}: "${word}"`, word });
    }
    const isUsable =
      ts.isTypeElement(node) ||
      ts.isClassElement(node) ||
      file.statements.includes(node);
    // Constructors and index signatures have no name.
    if (isUsable && node.name) found.push({ name, node });
    ts.forEachChild(node, (child) => visit(child, here));
  };
  for (const statement of file.statements) visit(statement, []);
  return found;
}

/** The declarations, as nodes, to which a file's names lead, and the words that it says. */
function usedIn(file, checker) {
  const nodes = new Set();
  const words = new Set();
  const add = (symbol) => {
    const aliased = symbol && symbol.flags & ts.SymbolFlags.Alias;
    const target = aliased ? checker.getAliasedSymbol(symbol) : symbol;
    for (const node of target?.declarations ?? []) nodes.add(node);
  };
  const addMember = (type, name) =>
    add(type && checker.getNonNullableType(type).getProperty(name));
  const visit = (node) => {
    if (ts.isStringLiteral(node)) words.add(node.text);
    if (ts.isIdentifier(node) && !ts.isImportSpecifier(node.parent)) {
      add(checker.getSymbolAtLocation(node));
    }
    if (ts.isObjectLiteralElementLike(node) && node.name) {
      const name = node.name.text;
      words.add(name);
      // Of a union, whichever has such a member.
      const type = checker.getContextualType(node.parent);
      for (const part of type?.isUnion() ? type.types : [type]) {
        addMember(part, name);
      }
    }
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = (node.propertyName ?? node.name).text;
      addMember(checker.getTypeAtLocation(node.parent), name);
    }
    if (ts.isElementAccessExpression(node)) {
      const name = node.argumentExpression.getText();
      const members = checker
        .getTypeAtLocation(node.expression)
        .getProperties();
      add(
        members.find(({ valueDeclaration }) =>
          valueDeclaration?.name?.getText().includes(`[${name}]`),
        ),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { nodes, words };
}
