import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface GroupUsage {
  /** Processor time of all live processes of the group, ms. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Linux reports in ticks of 10 ms (USER_HZ is 100 on every architecture Node runs on) and pages of 4 KiB. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

interface StatLine {
  readonly group: number;
  readonly ticks: number;
  readonly pages: number;
}

/** /proc/<pid>/stat: the name in parentheses may hold anything, so fields count from its last ")". */
const parseStat = (text: string): StatLine => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    group: Number(fields[2]),
    ticks: Number(fields[11]) + Number(fields[12]),
    pages: Number(fields[21]),
  };
};

const fromProc = (group: number): GroupUsage => {
  let ticks = 0;
  let pages = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = parseStat(readFileSync(`/proc/${name}/stat`, "latin1"));
      if (stat.group !== group) continue;
      ticks += stat.ticks;
      pages += stat.pages;
    } catch {
      // It ended while we looked.
    }
  }
  return { cpuMs: ticks * TICK_MS, memoryBytes: pages * PAGE_BYTES };
};

/** "1-02:03:04.56" of ps to ms. */
const parseClock = (text: string): number => {
  const [clock = "0", days = "0"] = text.split("-").toReversed();
  return clock.split(":").reduce((sum, part) => sum * 60 + Number(part), Number(days) * 24) * 1000;
};

const fromPs = (group: number): GroupUsage => {
  const rows = execFileSync("ps", ["-A", "-o", "pgid=,time=,rss="], { encoding: "utf8" }).trim().split("\n");
  let cpuMs = 0;
  let memoryBytes = 0;
  for (const row of rows) {
    const [pgid, time = "0", rss = "0"] = row.trim().split(/\s+/);
    if (Number(pgid) !== group) continue;
    cpuMs += parseClock(time);
    memoryBytes += Number(rss) * 1024;
  }
  return { cpuMs, memoryBytes };
};

/** What a process group uses, as the operating system tells it. */
export const readGroupUsage = (group: number): GroupUsage =>
  process.platform === "linux" ? fromProc(group) : fromPs(group);
