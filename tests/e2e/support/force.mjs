// What is done to a tab by force, in every engine.
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

/**
 * What can be done to a tab, at once: `freeze()`, as the browser does with a tab that nobody has looked at for long, `wake()`,
 * and `kill()` its process.
 */
export async function gripOf(tab) {
  const pid = await processOf(tab);
  const kill = () => signal(pid, "SIGKILL");
  if (engine !== "chromium") {
    const freeze = () => signal(pid, "SIGSTOP");
    return { freeze, wake: () => signal(pid, "SIGCONT"), kill };
  }
  const session = await tab.page.createCDPSession();
  const set = (state) => session.send("Page.setWebLifecycleState", { state });
  return { freeze: () => set("frozen"), wake: () => set("active"), kill };
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
  const found = [];
  // Whoever else is busy for once is not busy twice.
  for (let ms = 100; found.length < 2 || found[0] !== found[1]; ms *= 1.2) {
    const before = pids.map(computed);
    await tab.evaluate((ms) => {
      const start = performance.now();
      while (performance.now() < start + ms);
    }, ms);
    const spent = pids.map((pid, i) => [computed(pid) - before[i], pid]);
    const [[most, busiest], [second]] = [
      ...spent.sort(([a], [b]) => b - a),
      [0],
    ];
    if (most > 5 && most > 2 * second) found.unshift(busiest);
  }
  return found[0];
}
