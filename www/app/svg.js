/** An SVG element with its attributes and children. Undefined attributes are left out; strings become text. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat());
  return element;
}

/** Calls `draw(now)` for every frame while the page is visible; once a second for people who asked for less motion. */
export function everyFrame(draw) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const step = () => {
    draw(Date.now());
    if (calm.matches) setTimeout(() => requestAnimationFrame(step), 1000);
    else requestAnimationFrame(step);
  };
  step();
}
