import * as z from "zod";
import { FAULT_KINDS } from "../../core/fault-catalogue.ts";
import { scalarText, text } from "../quantity-schema.ts";

/** An end of the range, as the fault's own parameter would be written. */
const end = (description: string) => z.union([z.string().min(1).max(64), z.number()]).meta({ description });

/** The parameters that the range does not vary stand beside it: they are the fault's own. */
export const frontierSchema = z
  .looseObject({
    fault: z.enum(FAULT_KINDS).meta({ description: "Kind of the fault" }),
    of: text("The fault's parameter that is varied, such as delay, fraction, cpus or times"),
    from: end("Its harmless end: taken to hold, and not tried"),
    to: end("Its hard end, which is tried last"),
    on: scalarText("What is struck, as in a fault").optional(),
  })
  .meta({
    description:
      "Instead of faults: one fault of which squall finds how much is tolerated. Further keys are the fault's own parameters",
  });

export type ParsedFrontier = z.output<typeof frontierSchema>;
