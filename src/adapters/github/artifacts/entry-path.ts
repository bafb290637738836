/** Names of an archive's entries: only what every system reads as one place inside the archive passes. */
import { invalidArchive } from "./invalid-archive.ts";

const MAX_LENGTH = 512;
const MAX_DEPTH = 16;

export const isFolder = (path: string): boolean => path.endsWith("/");

/** By this two paths are one file on systems that ignore case, or how letters are composed. */
export const portablePath = (path: string): string => path.normalize("NFKC").toLowerCase().replace(/\/$/, "");

const problemOf = (name: string): string | null => {
  if (name.length > MAX_LENGTH) return `an entry's name is longer than ${MAX_LENGTH} characters`;
  // Control, format (bidi, zero width) and unassigned characters: a name that reads as another one.
  if (/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(name))
    return "an entry's name has control or invisible characters";
  if (/[\\:]/.test(name)) return "an entry's name has a backslash or a colon";
  if (name.startsWith("/")) return "an entry has an absolute path";
  const parts = name.replace(/\/$/, "").split("/");
  if (parts.length > MAX_DEPTH) return `an entry lies deeper than ${MAX_DEPTH} folders`;
  if (parts.includes("..")) return "an entry's path leads out of the archive";
  if (parts.some((part) => part === "" || part === "." || /[. ]$/.test(part)))
    return "an entry's path has an empty or ambiguous part";
  return null;
};

/** @throws SquallError `artifact-invalid` where the name could mean a place outside, or another entry's */
export const entryPath = (name: string): string => {
  const problem = problemOf(name);
  if (problem !== null) throw invalidArchive(problem, name);
  return name;
};
