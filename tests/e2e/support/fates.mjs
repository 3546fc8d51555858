// What befalls a tab from outside, in every engine.
import { engine } from "./browser.mjs";
import {
  commandLine,
  computed,
  signal,
  withDescendants,
} from "./processes.mjs";

/** Reloads a tab past the cache, as the user does with Shift. */
export async function hardReload(tab) {
  if (engine === "firefox") {
    // What no other engine takes an argument for.
    return tab.leave(() => void location.reload(true));
  }
  await tab.lastLook();
  await tab.page.reload({ ignoreCache: true });
  await tab.evaluate("harness.ready");
}

/** Stops a tab as the browser does with one that nobody has looked at for long; resolves to what wakes it. */
export async function freeze(tab) {
  if (engine === "chromium") {
    const session = await tab.page.createCDPSession();
    const setState = (state) =>
      session.send("Page.setWebLifecycleState", { state });
    await setState("frozen");
    return () => setState("active");
  }
  const pid = await processOf(tab);
  signal(pid, "SIGSTOP");
  return () => signal(pid, "SIGCONT");
}

/** Kills a tab's process. */
export async function crash(tab) {
  tab.crashed = true;
  signal(await processOf(tab), "SIGKILL");
}

/** How a process that runs pages is called. */
const pageProcess = {
  chromium: /--type=renderer/,
  firefox: /-contentproc .* tab/,
  webkit: /WebKitWebProcess/,
}[engine];
let searching = Promise.resolve();

/** The process that runs a tab's page: the one that computes when the page does. One search at a time. */
function processOf(tab) {
  const found = searching.then(() => search(tab));
  searching = found.catch(() => {});
  return found;
}

async function search(tab) {
  const root = tab.page.browser().process().pid;
  const tree = withDescendants(root);
  const pids = tree.filter((pid) => pageProcess.test(commandLine(pid)));
  const wins = new Map();
  // Whoever else is busy for once is not busy each time.
  for (;;) {
    const before = pids.map(computed);
    await tab.evaluate(() => {
      const start = performance.now();
      while (performance.now() < start + 100);
    });
    const spent = pids.map((pid, i) => computed(pid) - before[i]);
    const busiest = pids[spent.indexOf(Math.max(...spent))];
    const won = (wins.get(busiest) ?? 0) + 1;
    if (won === 5) return busiest;
    wins.set(busiest, won);
  }
}
