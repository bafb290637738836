/** The Action's `main`: one mode, one exit code. */
import type { ActionInputs } from "../../config/action/inputs.ts";
import { SquallError } from "../../core/errors.ts";
import { fail } from "./fail.ts";
import { publishNotMeasured } from "./publish/not-measured.ts";
import { openSession, type Session } from "./session.ts";
import { saveFinished } from "./state.ts";

const run = async (mode: ActionInputs["mode"], session: Session): Promise<number> => {
  switch (mode) {
    case "gate":
      return (await import("./modes/gate.ts")).gate(session);
    case "baseline":
      return (await import("./modes/baseline.ts")).baseline(session);
    case "report":
      return (await import("./modes/report.ts")).report(session);
    case "validate":
      return (await import("./modes/validate.ts")).validate(session);
  }
};

/** What stopped it, posted where an earlier report may stand. */
const tell = async (session: Session, error: unknown): Promise<void> => {
  const first = error instanceof SuppressedError ? (error.suppressed as unknown) : error;
  const known =
    first instanceof SquallError
      ? first
      : new SquallError("internal", "A defect of squall itself stopped the run.");
  await publishNotMeasured(session, session.subject.suite, known);
};

const main = async (): Promise<number> => {
  let session: Session;
  try {
    session = await openSession(process.env);
  } catch (error) {
    return fail(error);
  }
  try {
    return await run(session.inputs.mode, session);
  } catch (error) {
    const code = fail(error);
    await tell(session, error);
    return code;
  }
};

process.exitCode = await main();
saveFinished();
