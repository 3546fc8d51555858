const entriesKept = 500;

/** What the server tells over `/journal/events`, and what the pictures need of it. */
export class Board {
  entries = [];
  summary = {};
  settings = {};

  constructor({ onEntry, onSettings, onFault }) {
    const events = new EventSource("/journal/events");
    events.addEventListener("entry", ({ data }) => {
      const { entry, summary } = JSON.parse(data);
      this.entries = [...this.entries, entry].slice(-entriesKept);
      this.summary = summary;
      onEntry(entry);
    });
    events.addEventListener("settings", ({ data }) => {
      this.settings = JSON.parse(data);
      onSettings(this.settings);
    });
    events.addEventListener("fault", ({ data }) => onFault(JSON.parse(data)));
  }

  /**
   * The access tokens: from `from` to `to` alive, in use `until` the next one came. Times in ms since 1970; a revocation
   * (RFC 7009) ends those of its family early.
   */
  tokens() {
    const issued = this.entries.filter(
      ({ access, kind }) => access && kind !== "api",
    );
    return issued.map((entry) => {
      const { family, generation, at, expires_in, access } = entry;
      const end = this.entries.find(
        (other) =>
          other.kind === "revocation" &&
          other.family === family &&
          other.at >= at,
      );
      const next = issued.find(
        (other) => other.family === family && other.id > entry.id,
      );
      const to = Math.min(at + expires_in * 1000, end?.at ?? Infinity);
      const until = Math.min(to, next?.at ?? Infinity);
      return { family, generation, access, from: at, to, until };
    });
  }
}
