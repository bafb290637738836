/** Conditions as GitLab's `rules: if` and Buildkite's `if` share them: comparisons joined by `&&`. Anything else is refused. */

const OPERAND = String.raw`\$?[\w.]+|"[^"]*"`;
const COMPARISON = new RegExp(String.raw`^(${OPERAND}) (==|!=) (${OPERAND})$`);

/** @param valueOf what a name stands for; null: not set */
export const holds = (condition: string, valueOf: (name: string) => string | null): boolean => {
  const value = (operand: string): string | null => {
    if (operand === "null") return null;
    return operand.startsWith('"') ? operand.slice(1, -1) : valueOf(operand);
  };
  return condition.split(" && ").every((comparison) => {
    const [, left, operator, right] = COMPARISON.exec(comparison) ?? [];
    if (left === undefined || right === undefined) throw new Error(`no condition: ${comparison}`);
    return (value(left) === value(right)) === (operator === "==");
  });
};
