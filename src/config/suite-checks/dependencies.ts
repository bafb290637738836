import { type PathPart, pathText, quoted } from "../problems.ts";
import { type ParsedDependency, stubShape } from "../process-schema.ts";
import { RESERVED_NAMES } from "../suite-defaults.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";
import { CONTAINER_KEYS } from "./containers.ts";

const SOURCES = ["stub", "command", "url", "cassette", "image", "build", "compose"] as const;
const ONE_OF_THEM = `exactly one of ${SOURCES.join(", ")}`;
const OF_A_CONTAINER = ["port", "env", "ready", "readyTimeout"];

/** Keys that go with each source, beside the source itself and `protocol`. */
const COMPANIONS: Readonly<Record<(typeof SOURCES)[number], readonly string[]>> = {
  stub: Object.keys(stubShape),
  command: ["cwd", "env", "port", "ready", "readyTimeout"],
  url: [],
  cassette: [],
  image: OF_A_CONTAINER,
  build: OF_A_CONTAINER,
  compose: OF_A_CONTAINER,
};

/** Exactly one source, and only the keys that go with it. */
export const dependencyHasOneSource: SuiteCheck = ({ dependencies, flawed }, report) => {
  for (const [name, dependency] of dependencies) {
    if (dependency === undefined) continue;
    const path = ["dependencies", name];
    const whole = !flawed.has(pathText(path));
    const sources = SOURCES.filter((source) => dependency[source] !== undefined);
    const [source, second] = sources;
    if (source === undefined) {
      if (!whole) continue;
      report.problem(
        at(path, {
          at: "key",
          code: "missing-key",
          found: "none of them",
          message: `Dependency ${name} says nothing about what it is`,
          allowed: ONE_OF_THEM,
          remedy: "For a model API write stub: openai.",
        }),
      );
    } else if (second !== undefined) {
      report.problem(clash([...path, second], `${source} and ${second} exclude each other`, ONE_OF_THEM));
    } else companions(path, dependency, source, report);
  }
};

const companions = (
  path: readonly PathPart[],
  dependency: ParsedDependency,
  source: (typeof SOURCES)[number],
  report: Report,
): void => {
  const allowed = [source, ...COMPANIONS[source], "protocol"];
  for (const [key, value] of Object.entries(dependency)) {
    if (value === undefined || allowed.includes(key) || CONTAINER_KEYS.includes(key)) continue;
    report.problem(clash([...path, key], `${key} does not go with ${source}`, allowed.join(", ")));
  }
  if (dependency.protocol === "tcp" && (source === "stub" || source === "cassette"))
    report.problem(clash([...path, "protocol"], `A ${source} speaks HTTP`, "http"));
  if (dependency.protocol === "tcp" && dependency.ready !== undefined)
    report.problem(
      clash(
        [...path, "ready"],
        "ready is a GET, which protocol tcp does not speak",
        "no ready: a TCP connection is the test",
      ),
    );
  if (dependency.url !== undefined) urlFits(path, dependency.url, dependency.protocol, report);
};

const urlFits = (
  path: readonly PathPart[],
  url: string,
  protocol: string | undefined,
  report: Report,
): void => {
  const place = [...path, "url"];
  const parsed = URL.parse(url);
  const tcp = parsed?.protocol === "tcp:";
  const known = tcp || parsed?.protocol === "http:" || parsed?.protocol === "https:";
  const shown = quoted(url.replace(/\/\/[^@/]*@/, "//***@"));
  if (parsed === null || !known || parsed.hostname === "" || (tcp && parsed.port === "")) {
    report.problem(
      at(place, {
        code: "wrong-value",
        found: shown,
        message: "This is no URL squall can reach",
        allowed: "http://…, https://…, or tcp://host:port",
      }),
    );
  } else if (parsed.username !== "" || parsed.password !== "") {
    report.problem(
      at(place, {
        code: "unsafe",
        found: shown,
        message: "A URL with a password in it would be in the repository",
        allowed: "a URL without user and password",
        remedy: "Let the service send its credentials itself.",
        hideSource: true,
      }),
    );
  } else if (protocol !== undefined && tcp !== (protocol === "tcp"))
    report.problem(
      clash(
        [...path, "protocol"],
        `protocol ${protocol} does not go with ${parsed.protocol}//`,
        tcp ? "tcp" : "http",
      ),
    );
};

/** Names of dependencies are used as host names and in {{…}}. */
export const dependencyNames: SuiteCheck = ({ dependencies }, { problem }) => {
  const seen = new Map<string, string>();
  for (const name of dependencies.keys()) {
    const path = ["dependencies", name];
    const lower = name.toLowerCase();
    if (RESERVED_NAMES.includes(lower) || /^service-\d+$/.test(lower)) {
      problem(
        at(path, {
          at: "key",
          code: "reserved-name",
          found: quoted(name),
          message: `The name ${name} has a meaning of its own`,
          allowed: `any name but ${RESERVED_NAMES.join(", ")}, service-N`,
          remedy: "Rename the dependency.",
        }),
      );
    } else if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name)) {
      problem(
        at(path, {
          at: "key",
          code: "wrong-value",
          found: quoted(name),
          message: "This name is not allowed",
          allowed: "a letter, then letters, digits, dashes and underscores, at most 63",
        }),
      );
    }
    const other = seen.get(lower);
    if (other !== undefined)
      problem(
        at(path, {
          at: "key",
          code: "duplicate",
          found: quoted(name),
          message: `The name differs from ${other} in its case only`,
          allowed: "names that differ",
        }),
      );
    seen.set(lower, name);
  }
};
