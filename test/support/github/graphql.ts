/** GraphQL is not described by OpenAPI: tests bring their own answers. */
import { Refusal, type Reply } from "./call.ts";
import { isObject, type Json, textOf } from "./description.ts";

export type GraphqlHandler = (request: {
  readonly query: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly login: string;
}) => {
  readonly data?: Json;
  readonly errors?: readonly { readonly type?: string; readonly message: string }[];
};

export const answerGraphql = (body: unknown, login: string | null, handler: GraphqlHandler | null): Reply => {
  if (login === null) throw new Refusal(401, "This endpoint requires you to be authenticated.");
  const query = isObject(body) ? textOf(body["query"]) : "";
  const variables = isObject(body) && isObject(body["variables"]) ? body["variables"] : {};
  if (handler !== null) {
    const { data, errors } = handler({ query, variables, login });
    const failed = errors?.map((error) => ({ ...error }));
    return { status: 200, body: { data: data ?? null, ...(failed === undefined ? {} : { errors: failed }) } };
  }
  if (/viewer\s*\{\s*login\s*\}/u.test(query)) return { status: 200, body: { data: { viewer: { login } } } };
  return { status: 200, body: { errors: [{ message: "the stand-in knows no such query" }] } };
};
