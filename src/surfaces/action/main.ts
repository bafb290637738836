/** The Action's `main`: one mode, one exit code. */
import type { ActionInputs } from "../../config/action/inputs.ts";
import { fail } from "./fail.ts";
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

try {
  const session = await openSession(process.env);
  process.exitCode = await run(session.inputs.mode, session);
} catch (error) {
  process.exitCode = fail(error);
}
saveFinished();
