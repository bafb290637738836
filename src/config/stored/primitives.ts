/** Types shared by the stored files' schemas, with bounds that no honest file meets. */
import { z } from "zod";

const MAX_TEXT = 20_000;

export const text = z.string().max(MAX_TEXT);
/** Finite: JSON has no other numbers, but `1e999` reads as Infinity. */
export const number = z.number();
export const count = z.int().min(0);
/** ms from the run's start or a duration; a resumed clock may step back a little. */
export const ms = z.number();
export const share = z.number().min(0);
export const list = <S extends z.ZodType>(schema: S, most: number): z.ZodArray<S> =>
  z.array(schema).max(most);

/** A comparison's number may be infinite (an answer that never came): JSON has no word for it, so it is a text. */
export const measured = z.union([
  number,
  z.literal("Infinity").transform(() => Number.POSITIVE_INFINITY),
  z.literal("-Infinity").transform(() => Number.NEGATIVE_INFINITY),
]);
export const measuredOrNull = measured.nullable();
export const interval = z.tuple([measured, measured]).readonly().nullable();
