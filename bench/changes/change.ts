/** A plausible pull request to one of the two services, as edits of its files. */
export interface Edit {
  /** Relative to the service's folder. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Change {
  readonly name: string;
  /** As its author would title it. */
  readonly title: string;
  /** Faults under which a careless one shows, and the edge at which; of a harmless one empty. */
  readonly shows: readonly string[];
  readonly edge: string | null;
  readonly edits: readonly Edit[];
}

export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });

/** @param shows the edge, then the faults under which it shows */
export const careless = (
  name: string,
  title: string,
  [edge, ...shows]: readonly [edge: string, ...shows: string[]],
  ...edits: readonly Edit[]
): Change => ({ name, title, shows, edge, edits });

export const harmless = (name: string, title: string, ...edits: readonly Edit[]): Change => ({
  name,
  title,
  shows: [],
  edge: null,
  edits,
});

export const isCareless = ({ shows }: Change): boolean => shows.length > 0;

/** @throws Error where an edit does not fit: the service has moved on, and the change with it must */
export const applied = (text: string, { file, find, replace }: Edit): string => {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times, not once: ${find}`);
  return parts.join(replace);
};
