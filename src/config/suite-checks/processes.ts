import { isJob } from "../job/checks.ts";
import { nearestOf, type PathPart, quoted } from "../problems.ts";
import type { ParsedDependency, ParsedService } from "../process-schema.ts";
import { JOB_NAMES, RESERVED_NAMES } from "../suite-defaults.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";
import { sourcesOf } from "./containers.ts";

/** Runtime docker starts a container, runtime process a command. */
const fitsRuntime = (
  service: ParsedService,
  runtime: string,
  containers: readonly string[],
  { problem }: Report,
): void => {
  if (runtime === "process" && service.command === undefined)
    problem(
      clash(
        ["runtime"],
        "Runtime process needs service.command",
        "docker, or auto",
        "Write service.command, or runtime: docker.",
      ),
    );
  if (runtime === "docker" && containers.length === 0)
    problem(
      clash(
        ["runtime"],
        "Runtime docker needs service.build, service.image or service.compose",
        "process, or auto",
        "Write where the service's image comes from, such as build: ., or runtime: process.",
      ),
    );
};

/** The service needs something to start. */
export const serviceIsStartable: SuiteCheck = ({ service, runtime, flawed }, report) => {
  if (service === undefined) return;
  const { problem } = report;
  const whole = !flawed.has("service");
  const containers = sourcesOf(service);
  const [first, second] = containers;
  const startable = service.command !== undefined || first !== undefined;
  if (!startable && whole) {
    problem(
      at(["service"], {
        at: "key",
        code: "missing-key",
        found: "none of them",
        message: "The service has nothing to start",
        allowed: "command (runtime process), or build, image or compose (runtime docker)",
        remedy: 'Write how it is started, such as command: "node server.ts".',
      }),
    );
  }
  if (second !== undefined)
    problem(
      clash(
        ["service", second],
        `${first} and ${second} exclude each other`,
        "one of build, image and compose",
      ),
    );
  if (startable && whole) fitsRuntime(service, runtime, containers, report);
  if (whole && service.command === undefined && service.cwd !== undefined && startable)
    problem(
      clash(
        ["service", "cwd"],
        "cwd is where command starts, and there is none",
        "beside command",
        "Remove cwd: a container starts in its image's own directory.",
      ),
    );
  if (
    service.replicas > 1 &&
    (service.port ?? 0) !== 0 &&
    service.command !== undefined &&
    (first === undefined || runtime === "process")
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

/** `{{name}}` must name something: a typo would reach the service as text. */
export const substitutionsExist: SuiteCheck = ({ service, dependencies, ...parts }, { problem }) => {
  const ofJob = isJob(parts) ? JOB_NAMES : [];
  const names = [...dependencies.keys()].filter((name) => !RESERVED_NAMES.includes(name));
  const look = (path: readonly PathPart[], value: string, owner: string | null): void => {
    for (const [whole, inner = ""] of value.matchAll(/\{\{([^{}]*)\}\}/g)) {
      const written = inner.trim();
      const bare = written.replace(/\.(?:host|port)$/, "");
      // Only a dependency has the two parts.
      const name = names.includes(bare) ? bare : written;
      const own = ["port", ...(owner === null ? ofJob : [])];
      if (own.includes(name) || (names.includes(name) && name !== owner)) continue;
      const known = [...names.filter((each) => each !== owner), ...own];
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
