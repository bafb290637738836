import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { SquallError } from "../../core/errors.ts";
import type { Expectation, RequestTemplate } from "../../core/workload.ts";
import { parseJson } from "./json-path.ts";

/** A complete answer, as its expectations see it. */
export interface CheckedAnswer {
  readonly text: string;
  /** Body as received (streams: the data lines), where `contains` also looks. */
  readonly body: string;
  /** Parsed body of a JSON answer; undefined for streams and other texts. */
  readonly json: unknown;
  readonly stream: boolean;
  readonly hash: string;
  /** Hash of the same request's calm answer; undefined where there is none to compare with. */
  readonly calmHash: string | undefined;
}

export interface CompiledExpectation {
  readonly statusAllowed: (status: number) => boolean;
  readonly holds: (answer: CheckedAnswer) => boolean;
}

const compileSchema = (template: RequestTemplate): ValidateFunction | undefined => {
  const schema = template.expect.jsonSchema;
  if (schema === undefined) return undefined;
  const options = { strict: false, validateFormats: false, addUsedSchema: false, logger: false } as const;
  const dialect = typeof schema["$schema"] === "string" ? schema["$schema"] : "";
  try {
    if (schema["$async"] === true) throw new Error("$async schemas are not supported");
    const ajv = dialect.includes("2020-12") ? new Ajv2020(options) : new Ajv(options);
    return ajv.compile(schema);
  } catch (cause) {
    throw new SquallError(
      "request-set-invalid",
      `request "${template.id}": expect.jsonSchema does not compile: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        place: `request ${template.id}`,
        remedy: "Write a JSON Schema of draft-07 or 2020-12 that refers to nothing outside itself.",
        cause,
      },
    );
  }
};

const statusCheck = (expect: Expectation): ((status: number) => boolean) => {
  const allowed = expect.status;
  if (allowed === undefined) return (status) => status >= 200 && status < 300;
  return (status) => allowed.includes(status);
};

/**
 * Compiles one template's expectations, once per run. The schema is held against the parsed body, or for a stream against
 * its joined deltas.
 *
 * @throws SquallError `request-set-invalid`, naming the request, where its schema does not compile
 */
export const compileExpectation = (template: RequestTemplate): CompiledExpectation => {
  const { expect } = template;
  const validate = compileSchema(template);
  return {
    statusAllowed: statusCheck(expect),
    holds: (answer) => {
      if (expect.contains?.some((text) => !answer.text.includes(text) && !answer.body.includes(text)))
        return false;
      if (validate !== undefined) {
        const value = answer.stream ? parseJson(answer.text) : answer.json;
        if (value === undefined || !validate(value)) return false;
      }
      return !(
        expect.equalsCalm === true &&
        answer.calmHash !== undefined &&
        answer.calmHash !== answer.hash
      );
    },
  };
};
