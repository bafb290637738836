/** What the machine has and lacks. Nothing is changed, and nothing stays behind. */
import { examinationText } from "../doctor/examination-text.ts";
import { examine } from "../doctor/examine.ts";
import { requireNamed } from "../doctor/suite.ts";

export interface DoctorArguments {
  readonly file?: string;
  readonly json: boolean;
}

/** @returns 0 ready, 3 not ready @throws SquallError `argument-invalid` where the named file does not exist */
export const doctor = async ({ file, json }: DoctorArguments): Promise<number> => {
  await requireNamed(file);
  const found = await examine({ cwd: process.cwd(), env: process.env, file, out: ".squall" });
  const { stdout } = process;
  const color = stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const text = json
    ? JSON.stringify({ ready: found.ready, line: found.line, checks: found.checks }, null, 2)
    : examinationText(found, { color, width: stdout.columns ?? 100 });
  await new Promise<void>((resolve) => void stdout.write(`${text}\n`, () => resolve()));
  return found.ready ? 0 : 3;
};
