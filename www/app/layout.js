/** The time the whole width shows, in ms: some lives of an access token (given in seconds), at most some hours. */
export function timeSpan({ width, lifetime }) {
  const lifetimes = isNarrow(width) ? 2.4 : 4.2;
  return Math.max(20, lifetimes * Math.min(lifetime, 3600)) * 1000;
}

/** Where things are in the timeline, in px, for a width, a number of tabs and the life of an access token in seconds. */
export function layOut({ width, lanes, lifetime }) {
  const narrow = isNarrow(width);
  const gutter = narrow ? 0 : 148;
  // Labels stand beside their lanes where there is room, else above them.
  const label = narrow ? 16 : 0;
  const field = width - gutter;
  const nowX = gutter + Math.round(field * (narrow ? 0.56 : 0.72));

  let y = 30;
  const row = (height) => {
    const top = y + label;
    y = top + height;
    return { top, height, middle: top + height / 2 };
  };
  const server = row(40);
  const tokens = row(62);
  const api = row(34);
  y += 6;
  const tabs = new Map(lanes.map((number) => [number, row(36)]));
  return {
    narrow,
    width,
    height: y + 6,
    gutter,
    nowX,
    scale: field / timeSpan({ width, lifetime }),
    server,
    tokens,
    api,
    tabs,
  };
}

/** The distance of the axis's ticks in ms: round, and some 90 px apart. */
export function tickStep(scale) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return 1000 * (steps.find((step) => step * 1000 * scale >= 84) ?? 7200);
}

function isNarrow(width) {
  return width < 640;
}
