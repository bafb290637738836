import type { Observation } from "./observation.ts";

export interface CalmAnswers {
  /** Request id -> its one calm answer; null where calm answers differ. */
  readonly hashes: ReadonlyMap<string, string | null>;
  /** Share of requests whose calm answers differ among themselves. */
  readonly varying: number;
}

/** Above this share of ids whose calm answers differ among themselves, drift says nothing about faults. */
export const LARGEST_VARYING = 0.1;

/** The calm answer of every request. @param calm observations of calm traffic; failures and empty answers are passed over */
export const calmAnswersOf = (calm: readonly Observation[]): CalmAnswers => {
  const hashes = new Map<string, string | null>();
  for (const { requestId, answerHash, outcome } of calm) {
    if (outcome !== "ok" || answerHash === "") continue;
    const known = hashes.get(requestId);
    hashes.set(requestId, known === undefined || known === answerHash ? answerHash : null);
  }
  const varying = [...hashes.values()].filter((hash) => hash === null).length;
  return { hashes, varying: hashes.size === 0 ? 0 : varying / hashes.size };
};

/** Does a good answer say something else than the request's calm one? Null: that cannot be told. */
export const saysOtherThanCalm = (
  { requestId, answerHash }: Pick<Observation, "requestId" | "answerHash">,
  calm: CalmAnswers | undefined,
): boolean | null => {
  const reference = calm?.hashes.get(requestId);
  if (answerHash === "" || reference === undefined || reference === null) return null;
  return answerHash !== reference;
};
