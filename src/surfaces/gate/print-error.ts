import { SquallError } from "../../core/errors.ts";

/** What went wrong, where, and what to do, on standard error. @returns the exit code */
export const printError = (error: unknown): number => {
  // A clean-up that failed too: what went wrong first is what a person needs.
  if (error instanceof SuppressedError) {
    const code = printError(error.suppressed);
    process.stderr.write(`squall: and while cleaning up: ${String(error.error)}\n`);
    return code;
  }
  if (error instanceof SquallError) {
    const lines = [`squall: ${error.message} [${error.code}]`];
    if (error.place !== undefined) lines.push(`  where: ${error.place}`);
    for (const detail of error.detail) lines.push(`  ${detail}`);
    if (error.remedy !== undefined) lines.push(`  what to do: ${error.remedy}`);
    process.stderr.write(`${lines.join("\n")}\n`);
    return error.code === "interrupted" ? 130 : error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`squall: a defect of squall itself, please report it [internal]\n${text}\n`);
  return 3;
};
