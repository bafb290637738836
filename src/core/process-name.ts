/** What the processes of a service are called: `service`, `service-2`, and so on; a dependency's bears the dependency's name. */

/** @param index from 0 */
export const processName = (index: number): string => (index === 0 ? "service" : `service-${index + 1}`);

/** Index, from 0, of the replica that is named alone (`service-1` too); null: all of them (`service`), or none. */
export const replicaOf = (name: string): number | null => {
  const number = /^service-(\d+)$/.exec(name)?.[1];
  return number === undefined ? null : Number(number) - 1;
};

export const isOfService = (name: string): boolean => name === "service" || replicaOf(name) !== null;
