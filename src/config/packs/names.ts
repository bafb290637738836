/** Ready-made sets of experiments, by the names of the fields they come from. */
export const PACK_NAMES = ["finance", "e-commerce", "iot", "cloud", "llm"] as const;
export type PackName = (typeof PACK_NAMES)[number];
