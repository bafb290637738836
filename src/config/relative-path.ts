/** Would this relative path climb out of the directory it starts in? Both kinds of slashes part. */
export const leavesDirectory = (value: string): boolean => {
  let depth = 0;
  for (const part of value.split(/[\\/]+/)) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return true;
  }
  return false;
};

/** Absolute on some system, from somebody's home, or no path at all: it means nothing on another machine. */
export const isMachinePath = (value: string): boolean =>
  /^([\\/~]|[A-Za-z]:)/.test(value) || value.includes("\0");

/** An absolute directory or file inside a container, other than its root. */
export const CONTAINER_PATH = /^(?!.*\/\.\.?(\/|$))\/(?!\/)[^\0:]*[^\0:/]\/?$/;
