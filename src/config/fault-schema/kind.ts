import * as z from "zod";
import type { EngineName, FaultKind, FaultOf, Targeting } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { duration, positiveDuration, positiveShare, scalarText, text, whole } from "../quantity-schema.ts";

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
  .meta({ description: "A header's name, any case" });

const match = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Z]{3,10}$/)
      .meta({ description: "HTTP method in capitals, such as POST" })
      .optional(),
    path: z
      .string()
      .regex(/^\//)
      .max(2048)
      .meta({ description: "Path prefix, or a glob in which * stands for any run of characters" })
      .optional(),
    header: z
      .strictObject({ name: headerName, value: scalarText("Its exact value").optional() })
      .meta({ description: "A header that must be there, and its value where given" })
      .optional(),
  })
  .meta({ description: "Which requests may be struck at all; all given parts must hold" });

/** Engines that a fault may ask for; what clients do has one engine only. */
const WRITTEN_ENGINES = [
  "sidecar",
  "toxiproxy",
  "runtime",
  "chaos-mesh",
] as const satisfies readonly EngineName[];

/** Keys every fault has. */
export const TARGETING_SHAPE = {
  on: text("What is struck: `client`, `service`, or a dependency's name").optional(),
  fraction: positiveShare("Share of the requests struck: exact and seeded, never a coin toss").optional(),
  attempts: z
    .union([z.literal("all"), z.int().min(1).max(100)])
    .meta({
      description:
        "How many consecutive calls of a struck request are struck; a number, or `all` (an outage for that request). Default: 1 below a fraction of 100 %, else all",
    })
    .optional(),
  match: match.optional(),
  first: whole("Only the first so many matching requests of a window, then heal", 1).optional(),
  engine: z
    .enum(WRITTEN_ENGINES)
    .meta({
      description: "Who must do it, of the kind's engines. Default: the first of them that can",
    })
    .optional(),
  for: positiveDuration("The injector itself ends the fault after this long").optional(),
  forSteps: whole("In a training job: it ends when so many further steps were made", 1).optional(),
  after: positiveDuration("In a training job: it begins so long after the experiment's trigger").optional(),
  strikes: positiveShare(
    "In a training job: share of the strikes that it is part of, exact and seeded. Default: all",
  ).optional(),
} as const;

/** Kinds whose own `after` says how far into a connection they cut it. */
export const KINDS_WITH_AFTER: ReadonlySet<FaultKind> = new Set(["reset", "close"]);

export type ParsedTargeting = z.output<z.ZodObject<typeof TARGETING_SHAPE>>;

/** The part of a fault that is its own: everything but targeting. */
export type OwnPart<K extends FaultKind> = Omit<FaultOf<K>, keyof Targeting>;

/** What a parser of one kind needs to know of the suite around it. */
export interface FaultSurroundings {
  /** Shape of the model behind `on`, where it is a stub. */
  readonly shape: "openai" | "anthropic";
}

export interface FaultKindSchema<K extends FaultKind> {
  readonly kind: K;
  /** The smallest YAML that makes one, without `on`: shown in docs/faults.md and parsed by a test. */
  readonly example: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<{ kind: K } & ParsedTargeting>;
  /** What zod cannot say by types alone: parameters that exclude each other. */
  readonly conflict: (parsed: unknown) => string | undefined;
  readonly own: (parsed: unknown, surroundings: FaultSurroundings) => OwnPart<K>;
}

/** One kind: its own parameters, an example, and how they become the core's fault. */
export const faultKind = <K extends FaultKind, S extends z.ZodRawShape>(
  kind: K,
  shape: S,
  example: Readonly<Record<string, unknown>>,
  own: (parsed: z.output<z.ZodObject<S>>, surroundings: FaultSurroundings) => Omit<OwnPart<K>, "kind">,
  conflict: (parsed: z.output<z.ZodObject<S>>) => string | undefined = () => undefined,
): FaultKindSchema<K> => {
  const { after, ...targeting } = TARGETING_SHAPE;
  const schema = z
    .strictObject({ kind: z.literal(kind), ...shape, ...targeting, ...("after" in shape ? {} : { after }) })
    .meta({ title: kind, description: `As the peer sees it: ${FAULT_CATALOGUE[kind].seenAs}` });
  return {
    kind,
    example: { kind, ...example },
    // The literal and the shape are spread from generics, which the compiler cannot follow into z.output.
    schema: schema as unknown as FaultKindSchema<K>["schema"],
    conflict: (parsed) => conflict(parsed as z.output<z.ZodObject<S>>),
    own: (parsed, surroundings) =>
      ({ kind, ...own(parsed as z.output<z.ZodObject<S>>, surroundings) }) as unknown as OwnPart<K>,
  };
};

export type FaultKindTable<K extends FaultKind> = { readonly [P in K]: FaultKindSchema<P> };

/** Parameters of a delay, shared by four kinds. */
export const DELAY_SHAPE = {
  delay: duration("How late"),
  jitter: duration("Spread: half width (uniform), standard deviation (normal) or scale (pareto)").optional(),
  distribution: z
    .enum(["constant", "uniform", "normal", "pareto"])
    .meta({ description: "How the delay varies. Default: uniform where jitter is given, else constant" })
    .optional(),
} as const;

type ParsedDelay = z.output<z.ZodObject<typeof DELAY_SHAPE>>;

export const delayOf = (
  parsed: ParsedDelay,
): Pick<FaultOf<"latency">, "delayMs" | "jitterMs" | "distribution"> => ({
  delayMs: parsed.delay,
  jitterMs: parsed.jitter ?? 0,
  distribution: parsed.distribution ?? (parsed.jitter === undefined ? "constant" : "uniform"),
});

export const delayConflict = (parsed: ParsedDelay): string | undefined => {
  if (parsed.delay === 0 && (parsed.jitter ?? 0) === 0) return "a delay of 0 does nothing";
  if (parsed.distribution !== undefined && parsed.distribution !== "constant" && parsed.jitter === undefined)
    return `distribution ${parsed.distribution} needs jitter`;
  return undefined;
};

export const direction = z
  .enum(["upstream", "downstream", "both"])
  .meta({ description: "upstream: towards the dependency; downstream: towards its caller" });

export { headerName };
