import * as core from "@actions/core";

/** Sets the step's outputs. */
export const setOutputs = (outputs: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
};
