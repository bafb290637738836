import { nearestOf, type PathPart, pathText, quoted } from "../problems.ts";
import { RESERVED_NAMES } from "../suite-defaults.ts";
import { type ParsedDependency, stubShape } from "../suite-schema.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";

const SOURCES = ["stub", "command", "url", "cassette", "image"] as const;

/** Keys that go with each source, beside the source itself and `protocol`. */
const COMPANIONS: Readonly<Record<(typeof SOURCES)[number], readonly string[]>> = {
  stub: Object.keys(stubShape),
  command: ["cwd", "env", "port", "ready", "readyTimeout"],
  url: [],
  cassette: [],
  image: ["port", "env", "ready", "readyTimeout"],
};

/** The service needs something to start. */
export const serviceIsStartable: SuiteCheck = ({ service, runtime, flawed }, { problem }) => {
  if (service === undefined) return;
  const whole = !flawed.has("service");
  const startable = [service.command, service.build, service.image].some((each) => each !== undefined);
  if (!startable && whole) {
    problem(
      at(["service"], {
        at: "key",
        code: "missing-key",
        found: "none of them",
        message: "The service has nothing to start",
        allowed: "command (runtime process), or build or image (runtime docker)",
        remedy: 'Write how it is started, such as command: "node server.ts".',
      }),
    );
  }
  if (service.build !== undefined && service.image !== undefined)
    problem(clash(["service", "image"], "build and image exclude each other", "one of build and image"));
  if (startable && whole && runtime === "process" && service.command === undefined)
    problem(
      clash(
        ["runtime"],
        "Runtime process needs service.command",
        "docker, or auto",
        "Write service.command, or runtime: docker.",
      ),
    );
  if (whole && service.command === undefined && (service.port ?? 0) === 0 && startable)
    problem(
      at(["service"], {
        at: "key",
        code: "missing-key",
        found: "no port",
        message: "A service in a container needs its port",
        allowed: "port: the port it listens on, from 1 to 65535",
      }),
    );
  if (
    service.replicas > 1 &&
    (service.port ?? 0) !== 0 &&
    service.command !== undefined &&
    service.build === undefined &&
    service.image === undefined
  )
    problem(
      clash(
        ["service", "port"],
        `${service.replicas} replicas cannot share port ${service.port}`,
        "port: 0 with more than one replica",
        "Write port: 0 and let the service listen on $PORT or {{port}}.",
      ),
    );
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
          allowed: "exactly one of stub, command, url, cassette, image",
          remedy: "For a model API write stub: openai.",
        }),
      );
    } else if (second !== undefined) {
      report.problem(
        clash(
          [...path, second],
          `${source} and ${second} exclude each other`,
          "exactly one of stub, command, url, cassette, image",
        ),
      );
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
    if (value === undefined || allowed.includes(key)) continue;
    report.problem(clash([...path, key], `${key} does not go with ${source}`, allowed.join(", ")));
  }
  if (source === "image" && (dependency.port ?? 0) === 0)
    report.problem(
      at(path, {
        at: "key",
        code: "missing-key",
        found: "no port",
        message: "An image needs the port it listens on",
        allowed: "port: a whole number between 1 and 65535",
      }),
    );
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

/** `{{name}}` must name something: a typo would reach the service as text. */
export const substitutionsExist: SuiteCheck = ({ service, dependencies }, { problem }) => {
  const names = [...dependencies.keys()].filter((name) => !RESERVED_NAMES.includes(name));
  const look = (path: readonly PathPart[], value: string, owner: string | null): void => {
    for (const [whole, inner = ""] of value.matchAll(/\{\{([^{}]*)\}\}/g)) {
      const name = inner.trim();
      if (name === "port" || (names.includes(name) && name !== owner)) continue;
      const known = [...names.filter((each) => each !== owner), "port"];
      const nearest = nearestOf(name, known);
      problem(
        at(path, {
          code: "unknown-name",
          found: quoted(whole),
          message: name === owner ? `${whole} is this dependency itself` : `${whole} names no dependency`,
          allowed: known.map((each) => `{{${each}}}`).join(", "),
          ...(nearest === undefined ? {} : { nearest: `{{${nearest}}}` }),
        }),
      );
    }
  };
  const lookAt = (
    path: readonly PathPart[],
    process: Pick<ParsedDependency, "command" | "env"> | undefined,
    owner: string | null,
  ): void => {
    for (const word of process?.command ?? []) look([...path, "command"], word, owner);
    for (const [key, value] of Object.entries(process?.env ?? {})) look([...path, "env", key], value, owner);
  };
  lookAt(["service"], service, null);
  for (const [name, dependency] of dependencies) lookAt(["dependencies", name], dependency, name);
};
