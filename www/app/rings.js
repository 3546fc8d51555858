import { svg } from "./svg.js";

const ringsShown = 12;
const innermost = 56;
const outermost = 103;
const dial = 113;

/** A tree's cross-section: one ring for each generation of tokens, the newest outside, and around it the time to the next refresh. */
export class Rings {
  #rings = svg("g");
  #arc = svg("circle", {
    class: "dial-left",
    cx: 120,
    cy: 120,
    r: dial,
    pathLength: 1,
    transform: "rotate(-90 120 120)",
  });
  #drawn = new Map();

  constructor(element) {
    const track = svg("circle", {
      class: "dial-track",
      cx: 120,
      cy: 120,
      r: dial,
    });
    element.append(track, this.#arc, this.#rings);
  }

  /** Draws a ring for each of these tokens, and forgets the others. */
  show(tokens) {
    const shown = tokens.slice(-ringsShown);
    const spacing = Math.min(
      12,
      (outermost - innermost) / Math.max(1, shown.length - 1),
    );
    const keys = new Set(shown.map(({ access }) => access));
    for (const [key, ring] of this.#drawn) {
      if (keys.has(key)) continue;
      ring.remove();
      this.#drawn.delete(key);
    }
    shown.forEach(({ access }, index) => {
      if (!this.#drawn.has(access)) {
        const ring = svg("path", { class: "ring" });
        this.#drawn.set(access, ring);
        this.#rings.append(ring);
      }
      const ring = this.#drawn.get(access);
      ring.setAttribute("d", outline(innermost + index * spacing, access));
      ring.classList.toggle("newest", index === shown.length - 1);
    });
  }

  /** `left`: the part of the time from the last refresh to the next that is still to come, 0 to 1. */
  turn(left) {
    this.#arc.setAttribute("stroke-dasharray", `${left} 1`);
    this.#arc.classList.toggle("empty", left === 0);
  }
}

// No two years are alike: the token's fingerprint bends its ring a little.
function outline(radius, access) {
  const seed = parseInt(access, 16);
  const phase = ((seed & 0xffff) / 0xffff) * 2 * Math.PI;
  const bend = 0.6 + ((seed >>> 16) / 0xffff) * 0.9;
  const points = Array.from({ length: 72 }, (_, index) => {
    const angle = (index / 72) * 2 * Math.PI;
    const r =
      radius +
      bend * (Math.sin(2 * angle + phase) + 0.5 * Math.sin(5 * angle - phase));
    const x = 120 + r * Math.cos(angle);
    const y = 120 + r * Math.sin(angle);
    return `${x.toFixed(2)} ${y.toFixed(2)}`;
  });
  return `M${points.join("L")}Z`;
}
