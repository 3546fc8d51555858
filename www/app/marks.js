import { svg } from "./svg.js";

/** The signs of the timeline, each around (0, 0): the legend and the lanes draw the same ones. */
const shapes = {
  rotated: () => svg("circle", { r: 6, class: "sign good" }),
  kept: () => svg("circle", { r: 5, class: "sign good hollow" }),
  refused: () =>
    svg("path", { d: "M-5-5L5 5M-5 5L5-5", class: "sign bad line" }),
  cut: () => svg("path", { d: "M-5-5L5 5M-5 5L5-5", class: "sign warn line" }),
  issued: () => svg("path", { d: "M0-7L7 0L0 7L-7 0Z", class: "sign good" }),
  revoked: () =>
    svg("rect", { x: -5, y: -5, width: 10, height: 10, class: "sign ink" }),
  next: () => svg("circle", { r: 6, class: "sign next" }),
  adopted: () => svg("circle", { r: 3.5, class: "sign good hollow" }),
  api: () => svg("circle", { r: 4, class: "sign call" }),
  reload: () =>
    svg("path", {
      d: "M4.6-3.6A6 6 0 1 0 6 1M5.4-7.4V-3.2H1.2",
      class: "sign ink line",
    }),
  open: () => svg("path", { d: "M0-8V8", class: "sign ink line" }),
  leave: () => svg("path", { d: "M0-5V5", class: "sign ink line faint" }),
};

/** A sign at (x, y), with what a pointer resting on it is told. */
export function sign(type, x, y, title) {
  return svg(
    "g",
    { transform: `translate(${x.toFixed(1)} ${y})` },
    shapes[type](),
    title ? svg("title", {}, title) : [],
  );
}

/** The legend: a sign and its meaning for each kind. */
export function legend() {
  return [
    ["issued", "first tokens"],
    ["rotated", "refresh, new refresh token"],
    ["kept", "refresh, same one"],
    ["adopted", "learned from another tab"],
    ["api", "API call"],
    ["reload", "reload"],
    ["revoked", "signed out"],
    ["refused", "refused"],
    ["cut", "cut, or a fault"],
  ].map(([type, meaning]) => {
    const item = document.createElement("li");
    const picture = svg("svg", { viewBox: "-9 -9 18 18", "aria-hidden": true });
    picture.append(shapes[type]());
    item.append(picture, meaning);
    return item;
  });
}
