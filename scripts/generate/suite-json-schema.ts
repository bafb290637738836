import * as z from "zod";
import { suiteSchema } from "../../src/config/suite-schema.ts";

/** The part of a JSON Schema that the pages read. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly required?: readonly string[];
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/**
 * JSON Schema of squall.yml as it is written (before units are read).
 *
 * @param reused `ref` for the published file, a tenth of the size; `inline` for the pages, which walk it
 */
export const suiteJsonSchema = (reused: "ref" | "inline"): SchemaNode =>
  z.toJSONSchema(suiteSchema, {
    reused,
    io: "input",
    target: "draft-2020-12",
    unrepresentable: "throw",
  }) as SchemaNode;

/** The node a `$ref` points at, or the node itself. */
export const resolved = (node: SchemaNode, root: SchemaNode): SchemaNode =>
  node.$ref === undefined ? node : (root.$defs?.[node.$ref.replace("#/$defs/", "")] ?? node);
