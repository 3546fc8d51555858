import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let unpacked;

/** The folder of the package, as it comes out of the tarball that `EVERGRANT_TARBALL` names. */
export function packageFolder() {
  return (unpacked ??= unpack(ours()));
}

function ours() {
  const tarball = process.env.EVERGRANT_TARBALL;
  assert(tarball, "EVERGRANT_TARBALL must name the packed package");
  return tarball;
}

/** The folder of the package in a tarball, unpacked for this process. */
export function unpack(tarball) {
  const folder = temporaryFolder();
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  return join(folder, "package");
}

/** A new folder, gone when this process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "evergrant-e2e-"));
  process.once("exit", () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  );
  return folder;
}
