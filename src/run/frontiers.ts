/**
 * Searches for frontiers, after everything else was measured: a fault that is raised until the service gives way may leave
 * nothing to measure.
 */
import { SquallError } from "../core/errors.ts";
import { type RequestExpectation, requestExpectation } from "../core/frontier/expectation.ts";
import type { FrontierStep } from "../core/frontier/range.ts";
import { nextStep } from "../core/frontier/search.ts";
import type { FrontierRecord } from "../core/profile.ts";
import { formatValue } from "../core/report/format.ts";
import type { Frontier } from "../core/suite.ts";
import type { AfterPlan, TriedLevel } from "./after-plan.ts";
import { layFrontierWindow } from "./plan/frontier-window.ts";
import type { PlanInput, Stretch } from "./plan/plan.ts";
import { type SingleOrder, singleOrder } from "./plan/single-window.ts";
import type { OnProgress } from "./ports.ts";

export interface FrontiersInput {
  readonly frontiers: readonly Frontier[];
  readonly planInput: PlanInput;
  /** One, or two that take turns. */
  readonly arms: readonly AfterPlan[];
  readonly onProgress: OnProgress;
}

/** One arm's searches. */
class ArmSearch {
  readonly arm: AfterPlan;
  readonly #input: FrontiersInput;
  readonly #order: SingleOrder;
  /** Did a fault of the frontier under way strike anything? */
  #struck = false;
  /** The service did not come back from a step: nothing after it could be told from that. */
  #lost = false;

  constructor(arm: AfterPlan, input: FrontiersInput) {
    this.arm = arm;
    this.#input = input;
    this.#order = singleOrder(input.planInput, "frontier");
  }

  /** One more window of the frontier. @returns whether there may be another */
  async step(frontier: Frontier, steps: FrontierStep[]): Promise<boolean> {
    const { sloMs } = this.#input.planInput.suite.workload;
    const expectations = frontier.expect.map((hypothesis) => requestExpectation(hypothesis, sloMs));
    const allowed = expectations.map((expectation) => expectation.allowed);
    const level = this.#lost ? null : nextStep(frontier.range, allowed, steps);
    if (level === null) return false;
    this.#tell(frontier, level);
    const stretch = layFrontierWindow(this.#input.planInput, this.#order, {
      frontier,
      level,
      step: steps.length,
    });
    if (steps.length === 0) this.#struck = false;
    const tried = await this.#try(stretch, level, expectations);
    if (tried instanceof SquallError) return this.#end(frontier, level, tried.message);
    steps.push(tried.step);
    this.#struck ||= !tried.idle;
    return tried.atRest || this.#end(frontier, level, "the service did not come to rest afterwards");
  }

  /** A level so hard that it cannot even be tried must not cost what was measured before. */
  async #try(
    stretch: Stretch,
    level: number,
    expectations: readonly RequestExpectation[],
  ): Promise<TriedLevel | SquallError> {
    try {
      return await this.arm.tryLevel(stretch, level, expectations);
    } catch (error) {
      if (error instanceof SquallError && error.code !== "interrupted") return error;
      throw error;
    }
  }

  #end({ name, range }: Frontier, level: number, why: string): false {
    this.#lost = true;
    const value = formatValue(range.levels[level] ?? 0, range.unit);
    this.arm.note(`${name}: at ${range.parameter} ${value} the search ended: ${why}`);
    return false;
  }

  /** What a search came to. One whose fault never struck has found nothing, however hard it was. */
  close(frontier: Frontier, steps: readonly FrontierStep[]): void {
    const inVain = steps.length > 0 && !this.#struck;
    if (inVain)
      this.arm.note(`${frontier.name}: the fault struck nothing at any level, so nothing was found out.`);
    const record = recordOf(frontier, inVain ? [] : steps);
    if (record !== null) this.arm.addFrontier(record);
  }

  #tell({ name, range }: Frontier, level: number): void {
    const whose = this.arm.name === "" ? "" : `, ${this.arm.name}`;
    const value = formatValue(range.levels[level] ?? 0, range.unit);
    this.#input.onProgress({
      phase: "window",
      text: `frontier ${name}: trying ${range.parameter} ${value}${whose}`,
    });
  }
}

/** What a person reads of a frontier before its figure. */
const describeFrontier = ({ faults, range }: Frontier): string => {
  const [fault] = faults;
  return `${fault?.on ?? ""} ${fault?.kind ?? ""}, ${range.parameter}`;
};

const recordOf = (frontier: Frontier, steps: readonly FrontierStep[]): FrontierRecord | null => {
  const fault = frontier.faults.at(-1);
  if (fault === undefined) return null;
  const { name, range, expect } = frontier;
  return { name, description: describeFrontier(frontier), fault, range, expect, steps };
};

/** All frontiers in order. Two arms take turns, step by step, each at the level that its own answers call for. */
export const searchFrontiers = async (input: FrontiersInput): Promise<void> => {
  const searches = input.arms.map((arm) => new ArmSearch(arm, input));
  for (const frontier of input.frontiers) {
    const steps = searches.map((): FrontierStep[] => []);
    let open = searches.map((_, place) => place);
    while (open.length > 0) {
      const still: number[] = [];
      for (const place of open) {
        if (await (searches[place] as ArmSearch).step(frontier, steps[place] as FrontierStep[]))
          still.push(place);
      }
      open = still.toReversed();
    }
    for (const [place, search] of searches.entries()) search.close(frontier, steps[place] ?? []);
  }
};
