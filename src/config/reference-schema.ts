import * as z from "zod";
import type { ReferenceSpec } from "../core/suite.ts";
import { isBranchName } from "./action/branch-name.ts";
import { readCommand } from "./command.ts";
import { IMAGE_NAME } from "./container-schema.ts";
import { positiveDuration, quantity } from "./quantity-schema.ts";
import { withoutUndefined } from "./without-undefined.ts";

const EXAMPLE = 'a command line such as "npm ci", or a list such as ["make", "build"]';

/** A branch, tag or commit; `HEAD~1` is for a person at a terminal, not for a file. */
const checkout = z.string().refine(isBranchName, "must be `base`, a branch, a tag or a commit").meta({
  description:
    "Check this commit out and run what its own suite file says of the service. base: where the change starts from",
});

export const referenceSchema = z
  .strictObject({
    checkout: checkout.optional(),
    prepare: quantity(
      readCommand,
      EXAMPLE,
      "Runs in the checkout's suite directory before its service is started; no shell reads it",
      ["string", "array"],
    ).optional(),
    image: z
      .string()
      .max(512)
      .regex(IMAGE_NAME)
      .meta({ description: "The service from this image instead (runtime docker)" })
      .optional(),
    command: quantity(
      readCommand,
      'a command line such as "node old/server.ts"',
      "The service by this command instead (runtime process)",
      ["string", "array"],
    ).optional(),
    confirm: z.boolean().default(true).meta({
      description:
        "Confirm what the stored baseline calls regressed or inconclusive side by side with the reference, before anyone is alarmed",
    }),
    budget: positiveDuration("Time for that. Default: gate.budget").optional(),
  })
  .meta({
    description:
      "What the change can be measured side by side with, on one machine: exactly one of checkout, image, command",
  });

export type ParsedReference = z.output<typeof referenceSchema>;

/** @returns undefined where it names none or several */
export const referenceOf = (parsed: ParsedReference): ReferenceSpec | undefined => {
  const { checkout: ref, prepare, image, command, confirm, budget: budgetMs } = parsed;
  if ([ref, image, command].filter((each) => each !== undefined).length !== 1) return undefined;
  const source =
    ref !== undefined
      ? withoutUndefined({ type: "checkout" as const, ref, prepare })
      : image !== undefined
        ? { type: "image" as const, image }
        : { type: "command" as const, command: command ?? [] };
  return withoutUndefined({ source, confirm, budgetMs });
};
