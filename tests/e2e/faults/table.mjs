const head = [
  "fault",
  "fate of the session",
  "requests sent",
  "reason or code",
];

/** Rows of cells as a table in text. */
export function table(rows) {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, i) =>
    Math.max(...lines.map((cells) => cells[i].length)),
  );
  const [first, ...others] = lines.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join(" | ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("-|-");
  return ["", first, rule, ...others, ""].join("\n");
}
