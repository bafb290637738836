/** An error as a step shows it: one annotation with place and remedy, all of it in the log, and the exit code. */
import * as core from "@actions/core";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";

const INTERRUPTED = 130;

const textOf = (error: SquallError): string =>
  [
    error.message,
    ...(error.place === undefined ? [] : [`where: ${error.place}`]),
    ...error.detail,
    ...(error.remedy === undefined ? [] : [`what to do: ${error.remedy}`]),
  ].join("\n");

/** @returns the exit code */
export const fail = (error: unknown): number => {
  // A clean-up that failed too: what went wrong first is what a person needs.
  if (error instanceof SuppressedError) {
    core.warning(`while cleaning up: ${plainText(String(error.error), 500)}`);
    return fail(error.suppressed);
  }
  if (error instanceof SquallError) {
    core.error(textOf(error), { title: `squall: ${error.code}` });
    return error.code === "interrupted" ? INTERRUPTED : error.exitCode;
  }
  core.error(error instanceof Error ? (error.stack ?? error.message) : String(error), {
    title: "squall: a defect of squall itself, please report it",
  });
  return 3;
};
