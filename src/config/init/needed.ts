/** Variables beyond addresses that the service's environment must hold: it gets nothing else. */
import { looksSecret } from "../literal-secrets.ts";
import type { FoundDependency } from "./findings.ts";
import type { FoundVariable } from "./variables.ts";

export interface NeededVariable {
  readonly name: string;
  readonly value: string;
  readonly seenIn: string;
}

const SECRET = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD)$/;
/** What squall or the system gives, or what a suite must not set. */
const GIVEN = /^(?:PORT|HOST|HOME|PATH|USER|PWD|TMPDIR|TZ|LANG|CI|DEBUG|HOSTNAME|NODE_OPTIONS|PYTHON[A-Z]*)$/;
const OWN_PORT = /^(?:APP|SERVER|SERVICE|HTTP|API|WEB|LISTEN)_PORT$/;
const MODEL_KEY = /(?:^|_)(?:OPENAI|LLM|MODEL|CHAT|ANTHROPIC|CLAUDE|EMBEDDINGS?|VLLM|LITELLM)(?:_|$)/;

const plain = (value: string | undefined): value is string =>
  value !== undefined && /^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,120}$/.test(value) && !/\/\/[^/]*@/.test(value);

/** The value to write: an example's where it is plain and no secret, else one that is made up. */
const valueFor = ({ name, example }: FoundVariable): string =>
  SECRET.test(name) ? "test-key" : plain(example) && !looksSecret(name, example) ? example : "test";

/**
 * Keys of what is simulated, what the code says it cannot start without, and a port of another name.
 *
 * @param composed a compose file gives what it has a value for, the port among it
 */
export const neededVariables = (
  variables: readonly FoundVariable[],
  dependencies: readonly FoundDependency[],
  composed: boolean,
): NeededVariable[] => {
  const taken = new Set(dependencies.flatMap(({ env }) => Object.keys(env)));
  const simulated = dependencies.some(({ offer }) => offer.type === "stub");
  const readsPort = variables.some(({ name }) => name === "PORT");
  return variables.flatMap((variable) => {
    const { name, required, seenIn } = variable;
    if (taken.has(name) || GIVEN.test(name)) return [];
    if (OWN_PORT.test(name)) return readsPort || composed ? [] : [{ name, value: "{{port}}", seenIn }];
    const key = simulated && SECRET.test(name) && MODEL_KEY.test(name);
    const given = composed && variable.example !== undefined && variable.example !== "";
    return (required && !given) || key ? [{ name, value: valueFor(variable), seenIn }] : [];
  });
};
