import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/**
 * The strictest policy the package runs under: compiling wasm is all it asks for beyond 'self', and a token endpoint
 * elsewhere.
 */
function contentSecurityPolicy(origins) {
  return [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    ["connect-src 'self'", ...origins].join(" "),
    "style-src 'self'",
    "img-src 'self' data:",
  ].join("; ");
}

/** Static folders and pages under their paths; the longest path that fits wins. */
export class Files {
  #mounts = new Map();

  /** Strict pages may connect to these `origins` too. */
  constructor({ journal, origins = [] }) {
    this.journal = journal;
    this.policy = contentSecurityPolicy(origins);
  }

  /**
   * Serves under `prefix` a folder, or one HTML page if `content` starts with "<". `strict` sends the content security
   * policy with it.
   */
  mount(prefix, content, { strict = false } = {}) {
    this.#mounts.set(prefix, { content, strict });
  }

  /** Koa middleware that answers GET for what is mounted. */
  get middleware() {
    return async (ctx, next) => {
      const mount = this.#find(ctx.path);
      if (!mount || (ctx.method !== "GET" && ctx.method !== "HEAD"))
        return next();
      const file = mount.content.startsWith("<")
        ? { body: mount.content, type: types[".html"] }
        : await open(mount.content, ctx.path.slice(mount.prefix.length));
      if (!file) return next();
      if (file.type === types[".html"]) {
        this.journal.add({ kind: "page", path: ctx.path, status: 200 });
      }
      if (mount.strict) {
        ctx.set("Content-Security-Policy", this.policy);
      }
      // Not `no-store`: that would keep pages out of the back/forward cache.
      ctx.set("Cache-Control", "no-cache");
      ctx.set("Content-Type", file.type);
      ctx.body = file.body;
    };
  }

  #find(requestPath) {
    return [...this.#mounts]
      .filter(
        ([prefix]) =>
          requestPath === prefix ||
          requestPath.startsWith(prefix.replace(/\/?$/, "/")),
      )
      .map(([prefix, mount]) => ({ prefix, ...mount }))
      .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  }
}

async function open(folder, name) {
  const relative = decodeURIComponent(name).replace(/^\/+/, "") || "index.html";
  const file = path.resolve(folder, relative);
  if (!file.startsWith(path.resolve(folder) + path.sep)) return undefined;
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const type = types[path.extname(file)] ?? "application/octet-stream";
  return { body: createReadStream(file), type };
}
