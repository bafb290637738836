import type { Weakening } from "./weakening.ts";

const MEASURED_AS_CHANGED = "This run measured it as the change has it: compare it by reading.";

/** A loosening around the experiments: the change's own is measured, so it can only be told. */
export const told = (title: string): Weakening => ({ scenario: null, title, done: MEASURED_AS_CHANGED });
