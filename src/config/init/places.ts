/** What a file is, by its path. Paths are relative, with forward slashes. */

export const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? "";

/** Code that a service may be written in; tests and type declarations are not. */
export const isSource = (path: string): boolean =>
  /\.(?:[cm]?[jt]sx?|py|go|rb)$/i.test(path) &&
  !/(?:^|[\\/])(?:tests?|__tests__|spec|examples?|scripts)[\\/]|(?:^|[\\/])test_|[._](?:test|spec)\.|\.d\.[cm]?ts$/i.test(
    path,
  );

/** An example of an environment; never the real one, which holds secrets. */
export const isExample = (path: string): boolean =>
  /^(?:\.?env[._-](?:example|sample|template|dist)|(?:example|sample)\.env|\.?env\.local\.example)$/i.test(
    baseName(path),
  );

export const isProse = (path: string): boolean => /^readme[\w.-]{0,20}$/i.test(baseName(path));

/** A path that may stand in a comment of a suite, or null. */
export const safePlace = (path: string): string | null =>
  /^[A-Za-z0-9._/ @+-]{1,200}$/.test(path) ? path : null;
