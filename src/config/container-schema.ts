/** Keys of squall.yml for what runs in containers. */
import * as z from "zod";
import { type Reading, readRatio } from "./quantities.ts";
import { quantity, scalarText, size, text } from "./quantity-schema.ts";
import { CONTAINER_PATH } from "./relative-path.ts";
import { LEAST_MEMORY_BYTES, SUITE_DEFAULTS } from "./suite-defaults.ts";

const DEFAULTS = SUITE_DEFAULTS;
const MOST_CORES = 1024;
const MOST_FILES = 200;

/** Names and values; names as a shell would take them. */
export const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  scalarText("A variable's value"),
);

/** `[registry[:port]/]name[:tag][@digest]`; never a word that a command line would take for an option. */
export const IMAGE_NAME =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?$/;
const image = (description: string, example: string) =>
  z
    .string()
    .max(512)
    .regex(IMAGE_NAME)
    .meta({ description: `${description} (an image's name in small letters, such as "${example}")` });

const readCores = (value: unknown): Reading<number> => {
  const reading = readRatio(value);
  if (reading.ok && reading.value >= 0.01 && reading.value <= MOST_CORES) return reading;
  return { ok: false, message: `must be at least 0.01 and at most ${MOST_CORES}` };
};

/** Core numbers and ranges, as the kernel reads them. */
const readCpuset = (value: unknown): Reading<string> => {
  const written = typeof value === "number" ? String(value) : value;
  const parts = typeof written === "string" && written.length <= 256 ? written.split(",") : [];
  const fits = parts.every((part) => {
    const [, first, last = first] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part) ?? [];
    return first !== undefined && Number(first) <= Number(last) && Number(last) < MOST_CORES;
  });
  if (parts.length === 0 || !fits) return { ok: false, message: "not a list of cores" };
  return { ok: true, value: parts.map((part) => part.trim()).join(",") };
};

const containerPath = (description: string) =>
  z.string().max(4096).regex(CONTAINER_PATH).meta({ description });

const buildSchema = z
  .union([
    text("Directory with a Dockerfile"),
    z.strictObject({
      context: text("Directory that is sent to the engine, relative to the suite file").default(
        DEFAULTS.build.context,
      ),
      dockerfile: text("The Dockerfile, relative to the context").default(DEFAULTS.build.dockerfile),
      target: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/)
        .meta({ description: "Stage at which the build ends. Default: the last" })
        .optional(),
      args: variables.meta({ description: "Build arguments" }).default({}),
      cache: z
        .boolean()
        .meta({ description: "false: every step is done anew" })
        .default(DEFAULTS.build.cache),
    }),
  ])
  .meta({
    description: "A directory with a Dockerfile, relative to the suite file; or a map (runtime docker)",
  });

const filesSchema = z
  .array(
    z
      .strictObject({
        source: text("File or directory inside the suite's directory"),
        target: containerPath("Its absolute path in the container"),
      })
      .meta({ description: "A file or directory to copy" }),
  )
  .max(MOST_FILES)
  .meta({ description: "Copied into the container before it starts" });

/** What every container may have. */
export const containerShape = {
  image: image("Image to start (runtime docker)", "redis:8").optional(),
  build: buildSchema.optional(),
  cpus: quantity(
    readCores,
    "a number of cores, such as 0.5 or 2",
    "Cores its container may use",
    "number",
  ).optional(),
  memory: size("Memory its container may use", { bytes: LEAST_MEMORY_BYTES, says: "6MiB" }).optional(),
  cpuset: quantity(
    readCpuset,
    'core numbers and ranges, such as "0" or "0-2,4"',
    "Cores its container may run on. Default: squall parts load generator and service where there are enough",
    ["string", "integer"],
  ).optional(),
  files: filesSchema.optional(),
  volumes: z
    .array(containerPath("An absolute directory in the container"))
    .max(MOST_FILES)
    .meta({
      description:
        "Absolute directories that get an empty volume of the run's own, kept over a kill and gone after the run",
    })
    .optional(),
} as const;

export const composeFile = text("The compose file, relative to the suite file");

export const dockerSchema = z
  .strictObject({
    sidecarImage: image(
      "Base of the sidecar's container, with node 24 or newer. Default: made from the node that runs squall (Linux)",
      "node:24-slim",
    ).optional(),
  })
  .meta({ description: "How runtime docker does its work" });

export const toxiproxySchema = z
  .strictObject({
    url: text(
      "API of a Toxiproxy that runs already, as http://host:port. Default: runtime docker starts one",
    ).optional(),
    image: image("Its image", DEFAULTS.toxiproxy.image).default(DEFAULTS.toxiproxy.image),
  })
  .meta({ description: "The real Toxiproxy, for faults with engine: toxiproxy" });

export type ParsedToxiproxy = z.output<typeof toxiproxySchema>;
