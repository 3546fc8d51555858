// The processes of a browser, as /proc shows them.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process, its children, and theirs. */
export function withDescendants(root) {
  const tree = [root];
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = processes.map((pid) => [Number(pid), stat(pid)?.parent]);
  // The list grows while it is walked.
  for (const parent of tree) {
    tree.push(...parents.filter((it) => it[1] === parent).map(([pid]) => pid));
  }
  return tree;
}

/** Kills a process with all its descendants, as a power cut would; resolves when none is left. */
export async function killTree(root) {
  const tree = withDescendants(root);
  for (const pid of tree) signal(pid, "SIGKILL");
  while (tree.some(isRunning)) await pause(20);
}

/** Sends a signal, if there is still somebody to get it. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** The command that started a process; empty if it is no more. */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** How long a process has computed so far, in the kernel's ticks; 0 if it is no more. */
export function computed(pid) {
  return stat(pid)?.ticks ?? 0;
}

function isRunning(pid) {
  return !["Z", "X", undefined].includes(stat(pid)?.state);
}

/** What is known of a process, from the fields behind its name, which is in parentheses. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      state: fields[0],
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    return undefined;
  }
}
