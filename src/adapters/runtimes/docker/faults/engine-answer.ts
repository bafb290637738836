/** The engine's answers to what it would not or could not do. */
interface EngineError {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string };
  readonly message?: string;
}

/** It does not know the container, network or volume (any more). */
export const isMissing = (error: unknown): boolean => (error as EngineError).statusCode === 404;

/** In the engine's own words, without HTTP around them. */
export const reasonOf = (error: unknown): string => {
  const { json, message } = error as EngineError;
  return (json?.message ?? message ?? String(error)).trim();
};
