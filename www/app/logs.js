import { clock, tell } from "./format.js";

const linesShown = 60;

/** The newest lines of the client's history, newest first. */
export function showHistory(list, history) {
  show(
    list,
    history.map(({ at, event, detail }) => ({ at, event, detail })),
  );
}

/** The newest lines of the server's journal, newest first. */
export function showJournal(list, entries) {
  show(
    list,
    entries.map((entry) => ({
      at: entry.at,
      event: entry.kind,
      detail: tell(entry),
      bad: !(entry.status && entry.status < 400) && !asksForNonce(entry),
    })),
  );
}

/** A proof needs the server's nonce, and this is how it comes (RFC 9449 §8): no failure. */
export function asksForNonce({ error }) {
  return error === "use_dpop_nonce";
}

function show(list, lines) {
  // Drawn again only for something new, so that a selection stays.
  const newest = `${lines.length} ${lines.at(-1)?.at}`;
  if (list.dataset.newest === newest) return;
  list.dataset.newest = newest;
  const items = lines
    .slice(-linesShown)
    .reverse()
    .map(({ at, event, detail, bad }) => {
      const item = document.createElement("li");
      item.classList.toggle("bad", bad ?? false);
      const time = document.createElement("time");
      time.dateTime = new Date(at).toISOString();
      time.textContent = clock(at);
      const name = document.createElement("b");
      name.textContent = event;
      const rest = document.createElement("span");
      rest.textContent = detail;
      const words = document.createElement("div");
      words.append(name, " ", rest);
      item.append(time, words);
      return item;
    });
  list.replaceChildren(...items);
}
