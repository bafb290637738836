/** The training example in TypeScript: real processes, really killed. */
import { describe } from "vitest";
import { describeTraining } from "./support/training-behaviour.ts";
import { TRAIN_JS } from "./support/training-example.ts";

describe("the training in TypeScript", () => {
  describeTraining(TRAIN_JS);
});
