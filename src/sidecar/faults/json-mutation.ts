import type { JsonMutation } from "../../core/fault.ts";
import type { Random } from "../../core/random.ts";

/** Places looked at in a value: enough for any answer, an end for a hostile one. */
const MAX_SITES = 10_000;
const MAX_DEPTH = 64;

type Container = Record<string, unknown> | unknown[];
interface Site {
  readonly owner: Container;
  readonly key: string;
}

/**
 * JSON text made wrong in one seeded place: cut off in its middle half, a key missing, or a value of another type. Null
 * where that can not be done: no JSON, nothing to drop.
 */
export const mutateJson = (text: string, mutation: JsonMutation, random: Random): string | null => {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return null;
  }
  if (mutation === "truncate") return truncated(text, random);
  const all: Site[] = [];
  collect(value, all, 0);
  const sites = mutation === "drop-key" ? all.filter(({ owner }) => !Array.isArray(owner)) : all;
  const site = sites.length === 0 ? undefined : sites[random.below(sites.length)];
  if (site === undefined) return null;
  // Both index arrays and objects by their key's text.
  const owner = site.owner as Record<string, unknown>;
  if (mutation === "drop-key") delete owner[site.key];
  else owner[site.key] = swapped(owner[site.key]);
  return JSON.stringify(value);
};

/** At least one character shorter and, from two characters on, not empty. */
export const truncated = (text: string, random: Random): string => {
  const at = Math.floor(text.length * (0.25 + 0.5 * random.next()));
  return text.slice(0, Math.min(Math.max(1, at), Math.max(0, text.length - 1)));
};

const collect = (value: unknown, sites: Site[], depth: number): void => {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  for (const [key, item] of Object.entries(value)) {
    if (sites.length >= MAX_SITES) return;
    sites.push({ owner: value as Container, key });
    collect(item, sites, depth + 1);
  }
};

const swapped = (value: unknown): unknown => {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return {};
  if (typeof value === "object" && value !== null) return [];
  return String(value);
};
