import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A module of the built package; with a `copy`, one that shares nothing with the others. */
export function load(name, copy = "") {
  const url = pathToFileURL(join(process.env.EVERGRANT_PACKAGE, name));
  return import(copy ? `${url}?${copy}` : url);
}

/** Options that are good. */
export const good = {
  clientId: "spa",
  endpoints: { token: "https://as.example/token" },
};
