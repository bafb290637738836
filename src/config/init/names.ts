import { RESERVED_NAMES } from "../suite-defaults.ts";

/** May a dependency of a suite be called so? */
export const isDependencyName = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name) &&
  !RESERVED_NAMES.includes(name.toLowerCase()) &&
  !/^service-\d+$/i.test(name);

/** "RERANK_SERVICE" as a dependency's name, or null where none can be made. */
export const dependencyNameOf = (stem: string): string | null => {
  const name = stem.toLowerCase().replaceAll("_", "-");
  return isDependencyName(name) ? name : null;
};
