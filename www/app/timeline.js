import { clock } from "./format.js";
import { layOut, tickStep, timeSpan } from "./layout.js";
import { sign } from "./marks.js";
import { svg } from "./svg.js";

/**
 * The picture: time runs to the right, one lane for each party. Everything is drawn once, at its time; a frame only
 * shifts the scene, and a clip at "now" tells what has been from what is to come.
 */
export class Timeline {
  #root;
  #scenes = [];
  #labels = svg("g", { class: "labels" });
  #still = svg("g");
  #field = svg("rect", { y: 0, fill: "url(#fade)" });
  #past = svg("rect", { y: 0 });
  #layers = {};
  #origin = Date.now();
  #look;
  #width = 0;

  /** `look()` returns `{ tokens, entries, lanes, ownNumber, nextRefreshAt, lifetime }`, as they are now. */
  constructor(container, look) {
    this.#look = look;
    this.#root = svg("svg", { role: "img" });
    const field = svg("g", { mask: "url(#field)" });
    for (const name of ["axis", "ahead", "behind", "signs"]) {
      const scene = svg("g");
      this.#layers[name] = scene;
      this.#scenes.push(scene);
      const clip = name === "behind" ? "url(#past)" : undefined;
      field.append(svg("g", { "clip-path": clip }, scene));
    }
    this.#root.append(
      svg(
        "defs",
        {},
        fade(),
        svg("mask", { id: "field", maskUnits: "userSpaceOnUse" }, this.#field),
        svg("clipPath", { id: "past" }, this.#past),
      ),
      this.#still,
      field,
      this.#labels,
    );
    container.append(this.#root);
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = Math.floor(contentRect.width);
      this.draw();
    }).observe(container);
  }

  /** Draws everything anew: after a change, and every second for what enters and leaves. */
  draw() {
    if (!this.#width) return;
    const now = Date.now();
    const look = this.#look();
    const shape = { width: this.#width, lifetime: look.lifetime };
    look.lanes = lanesSince(now - timeSpan(shape), look.lanes);
    const plan = layOut({ ...shape, lanes: [...look.lanes.keys()] });
    this.#origin = now;
    this.plan = plan;
    const before = now - (plan.nowX - plan.gutter + 40) / plan.scale;
    const view = {
      plan,
      x: (time) => plan.nowX + (time - now) * plan.scale,
      from: before,
      to: now + (plan.width - plan.nowX) / plan.scale,
    };

    this.#root.setAttribute("viewBox", `0 0 ${plan.width} ${plan.height}`);
    this.#root.setAttribute("width", plan.width);
    this.#root.setAttribute("height", plan.height);
    this.#root.setAttribute("aria-label", inWords(look));
    size(this.#field, plan.gutter, plan.width - plan.gutter, plan.height);
    size(this.#past, plan.gutter, plan.nowX - plan.gutter, plan.height);

    this.#still.replaceChildren(...still(plan, look.lanes));
    this.#labels.replaceChildren(...labels(plan, look));
    this.#layers.axis.replaceChildren(...axis(view));
    this.#layers.ahead.replaceChildren(...bars(view, look, "ahead"));
    this.#layers.behind.replaceChildren(
      ...bars(view, look, "behind"),
      ...lives(view, look),
    );
    this.#layers.signs.replaceChildren(
      ...connections(view, look),
      ...serverSigns(view, look),
      ...tabSigns(view, look),
    );
    this.frame(now);
  }

  /** Shifts the scene to `now`. */
  frame(now) {
    if (!this.plan) return;
    const shift = (this.#origin - now) * this.plan.scale;
    for (const scene of this.#scenes) {
      scene.setAttribute("transform", `translate(${shift.toFixed(2)} 0)`);
    }
  }
}

// Tabs that left before the picture begins are no longer in it.
function lanesSince(start, lanes) {
  const shown = [...lanes].filter(([, { marks }]) => {
    const last = marks.at(-1);
    return last?.type !== "leave" || last.at > start;
  });
  return new Map(shown.sort(([a], [b]) => a - b));
}

// The scene comes and goes softly at both ends.
function fade() {
  const stop = (offset, color) => svg("stop", { offset, "stop-color": color });
  return svg(
    "linearGradient",
    { id: "fade" },
    stop(0, "black"),
    stop(0.035, "white"),
    stop(0.965, "white"),
    stop(1, "black"),
  );
}

function size(rect, x, width, height) {
  for (const [name, value] of Object.entries({ x, width, height })) {
    rect.setAttribute(name, value);
  }
}

function still(plan, lanes) {
  const across = (y, name) =>
    svg("line", { class: name, x1: plan.gutter, x2: plan.width, y1: y, y2: y });
  return [
    svg("rect", {
      class: "future",
      x: plan.nowX,
      y: 22,
      width: plan.width - plan.nowX,
      height: plan.height - 22,
    }),
    across(plan.server.middle, "lane"),
    across(plan.api.middle, "lane"),
    ...[...lanes.keys()].map((number) =>
      across(plan.tabs.get(number).middle, "lane"),
    ),
    svg("line", {
      class: "now-line",
      x1: plan.nowX,
      x2: plan.nowX,
      y1: 22,
      y2: plan.height,
    }),
  ];
}

function labels(plan, { lanes, ownNumber }) {
  const text = ({ top, middle }, words, name = "") =>
    svg(
      "text",
      plan.narrow
        ? { x: 0, y: top - 2, class: `label ${name}` }
        : { x: 0, y: middle, dy: "0.35em", class: `label ${name}` },
      words,
    );
  return [
    text(plan.server, "Authorization server"),
    text(plan.tokens, "Access tokens"),
    text(plan.api, "API"),
    ...[...lanes.keys()].map((number) =>
      number === ownNumber
        ? text(plan.tabs.get(number), `Tab ${number}, this one`, "own")
        : text(plan.tabs.get(number), `Tab ${number}`),
    ),
  ];
}

function axis({ plan, x, from, to }) {
  const step = tickStep(plan.scale);
  const ticks = [];
  // Local midnight is the origin, so that ticks fall on round times of day.
  const zone = new Date().getTimezoneOffset() * 60000;
  const first = Math.ceil((from - zone) / step) * step + zone;
  for (let time = first; time <= to + step; time += step) {
    ticks.push(
      svg("line", {
        class: "tick",
        x1: x(time),
        x2: x(time),
        y1: 22,
        y2: plan.height,
      }),
      svg("text", { class: "tick-label", x: x(time), y: 14 }, clock(time)),
    );
  }
  return ticks;
}

// A bar is drawn twice: whole and pale, and, clipped at now, the part in use in full colour.
function bars({ plan, x, from }, { tokens }, layer) {
  const height = 25;
  return tokens
    .filter(({ to }) => to > from)
    .flatMap((token) => {
      const y = plan.tokens.top + (token.generation % 2 ? 4 : 33);
      const left = x(token.from);
      const end = layer === "ahead" ? token.to : token.until;
      const width = Math.max(1, x(end) - left);
      const bar = svg(
        "rect",
        { class: `token ${layer}`, x: left, y, width, height, rx: 4 },
        svg(
          "title",
          {},
          `Access token ${token.access}, generation ${token.generation}, ${clock(token.from)} to ${clock(token.to)}`,
        ),
      );
      const name = svg(
        "text",
        { class: `token-name ${layer}`, x: left + 9, y: y + 17 },
        svg("tspan", { class: "generation" }, String(token.generation)),
        width > 120
          ? svg("tspan", { class: "fingerprint", dx: 8 }, token.access)
          : [],
      );
      return width > 24 ? [bar, name] : [bar];
    });
}

// A tab's line: drawn from its opening to its leaving, thin while there is no session.
function lives({ plan, x, from }, { lanes }) {
  const lines = [];
  for (const { number, marks } of lanes.values()) {
    const y = plan.tabs.get(number).middle;
    let here = false;
    let session = false;
    marks.forEach((mark, index) => {
      here = mark.type !== "leave";
      if ("session" in mark) session = mark.session;
      const end = marks[index + 1]?.at ?? Date.now() + 5000;
      if (!here || end < from) return;
      lines.push(
        svg("line", {
          class: session ? "life signed-in" : "life",
          x1: x(Math.max(mark.at, from)),
          x2: x(end),
          y1: y,
          y2: y,
        }),
      );
    });
  }
  return lines;
}

// From the server down to the tab that asked: found by the fingerprint of the access token that both know.
function connections({ plan, x, from }, { entries, lanes }) {
  const senders = new Map();
  for (const { number, marks } of lanes.values()) {
    for (const { type, access } of marks) {
      if (type === "rotated" || type === "issued") senders.set(access, number);
    }
  }
  return entries
    .filter(
      ({ at, kind, access }) =>
        at > from && kind !== "api" && senders.has(access),
    )
    .map(({ at, access }) =>
      svg("line", {
        class: "connection",
        x1: x(at),
        x2: x(at),
        y1: plan.server.middle,
        y2: plan.tabs.get(senders.get(access)).middle,
      }),
    );
}

function serverSigns({ plan, x, from, to }, { entries, nextRefreshAt }) {
  const signs = entries
    .filter(({ at }) => at > from)
    .map((entry) => {
      const lane =
        entry.kind === "api" || entry.endpoint === "api"
          ? plan.api
          : plan.server;
      const type = signOf(entry);
      return type && sign(type, x(entry.at), lane.middle, inAWord(entry));
    })
    .filter(Boolean);
  if (nextRefreshAt && nextRefreshAt > Date.now() && nextRefreshAt < to) {
    signs.push(
      sign("next", x(nextRefreshAt), plan.server.middle, "The next refresh"),
    );
  }
  return signs;
}

function signOf({ kind, status, used, issued, ...entry }) {
  const isCode = kind === "token" && entry.grant === "authorization_code";
  if (kind === "issue" || (isCode && status === 200)) return "issued";
  if (entry.error === "use_dpop_nonce") return undefined;
  if (kind === "dropped" || kind === "fault") return "cut";
  if (kind === "revocation") return "revoked";
  if (kind === "api") return status === 200 ? "api" : "refused";
  if (kind !== "token") return undefined;
  if (status !== 200) return "refused";
  return used === issued ? "kept" : "rotated";
}

function inAWord({ kind, status, generation, error, detail, ms, ...entry }) {
  if (kind === "fault") return `A fault: ${entry.does}`;
  if (kind === "token") {
    return error
      ? `Refused: ${detail ?? error}`
      : `Generation ${generation}, answered in ${ms} ms`;
  }
  return status ? `${kind}, ${status}` : "No answer: the connection was cut";
}

function tabSigns({ plan, x, from }, { lanes }) {
  const signs = [];
  for (const { number, marks } of lanes.values()) {
    const { middle } = plan.tabs.get(number);
    marks.forEach(({ at, type }, index) => {
      const reloaded = type === "leave" && marks[index + 1]?.type === "reload";
      if (at < from || reloaded || type === "state") return;
      signs.push(sign(type, x(at), middle));
    });
  }
  return signs;
}

function inWords({ tokens, lanes, entries }) {
  const requests = entries.filter(({ kind }) => kind === "token").length;
  const generation = tokens.at(-1)?.generation;
  return [
    `Timeline of ${lanes.size} ${lanes.size === 1 ? "tab" : "tabs"}`,
    `${requests} token requests so far`,
    generation
      ? `access token of generation ${generation}`
      : "no access token yet",
  ].join(", ");
}
