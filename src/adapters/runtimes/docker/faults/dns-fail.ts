/**
 * Dependencies' names no longer resolve. The names are the sidecar's aliases: it comes back to the network without them,
 * under its old address, so that connections by address and other edges go on. Everybody on that network is struck, not `on`
 * alone. What is connected already stays connected, as when a real name server fails.
 */
import { SquallError } from "../../../../core/errors.ts";
import { type Endpoint, endpointsOf, join, leave } from "./endpoint.ts";
import { reasonOf } from "./engine-answer.ts";
import type { DockerFault, DockerFaultContext } from "./fault.ts";
import { strikeOrUndo } from "./undo.ts";
import { askWorker } from "./worker.ts";

/** getaddrinfo as programs ask, and the name server itself, in case the image lacks the library's parts for the first. */
const LOOK_UP = `const dns = require("node:dns").promises;
const resolver = new dns.Resolver({ timeout: 2000, tries: 1 });
const late = new Promise((resolve) => setTimeout(resolve, 5000, false));
const found = (answer) => answer.then((list) => [list].flat().length > 0, () => false);
const resolves = (name) => Promise.race([late, Promise.all([found(dns.lookup(name, { family: 4 })), found(resolver.resolve4(name))])
  .then((answers) => answers.includes(true))]);
const main = async () => {
  const answers = await Promise.all(input.map(resolves));
  return input.filter((_, index) => answers[index]);
};`;

/** Those that resolve, by real look-ups from a container on the network. */
const resolving = (context: DockerFaultContext, network: string, names: readonly string[]) =>
  askWorker<readonly string[]>(context, { script: LOOK_UP, input: names, network });

const publishedPorts = async ({ docker, sidecar }: DockerFaultContext): Promise<string> =>
  JSON.stringify((await docker.getContainer(sidecar.containerId).inspect()).NetworkSettings.Ports);

const rejoin = async (context: DockerFaultContext, endpoint: Endpoint): Promise<void> => {
  const { docker, sidecar } = context;
  const before = await publishedPorts(context);
  await leave(docker, sidecar.containerId, endpoint.network);
  await join(docker, sidecar.containerId, endpoint);
  if ((await publishedPorts(context)) !== before) {
    // A published port without a fixed number moves when its network goes: then nothing reaches the sidecar any more.
    throw new SquallError("internal", "The sidecar's published ports moved when its names were changed.", {
      place: `network ${endpoint.network}`,
      remedy: "Report this: the sidecar's ports must be fixed, or published through another network.",
    });
  }
};

const endpointOn = async ({ docker, sidecar }: DockerFaultContext, network: string) =>
  (await endpointsOf(docker, sidecar.containerId)).find((endpoint) => endpoint.network === network);

const giveBack = async (
  context: DockerFaultContext,
  struck: Endpoint,
  names: readonly string[],
): Promise<void> => {
  const fail = (why: string, cause?: unknown): SquallError =>
    new SquallError("fault-not-cleared", `Names do not resolve again: ${why}`, {
      place: names.join(", "),
      remedy: "End the run: its network goes with it.",
      cause,
    });
  try {
    const now = (await endpointOn(context, struck.network)) ?? { ...struck, aliases: [] };
    // Another fault may have taken other names meanwhile: only ours come back.
    const aliases = [...new Set([...now.aliases, ...names])];
    if (aliases.length > now.aliases.length) await rejoin(context, { ...struck, aliases });
  } catch (cause) {
    if (cause instanceof SquallError) throw cause;
    throw fail(reasonOf(cause), cause);
  }
  const back = await resolving(context, struck.network, names);
  const missing = names.filter((name) => !back.includes(name));
  if (missing.length > 0) throw fail(`${missing.join(", ")} still fails on ${struck.network}`);
};

/** Names of the edge, [] where the run has none of that name. */
const namesOfEdge = ({ sidecar }: DockerFaultContext, name: string): readonly string[] => {
  try {
    return sidecar.edge(name).aliases;
  } catch {
    return [];
  }
};

/** Of a dependency that is known by several names (its own, and its compose service's) all fail: the service calls any. */
const allNames = (context: DockerFaultContext, name: string): readonly string[] => [
  ...new Set([name, ...namesOfEdge(context, name)]),
];

const unknownName = (context: DockerFaultContext, name: string, borne: readonly string[]): SquallError => {
  const place = "dns-fail names";
  if (namesOfEdge(context, name).includes(name)) {
    return new SquallError(
      "fault-unsupported",
      `dns-fail: ${name} is borne by the proxy in front of the sidecar.`,
      {
        place,
        remedy: `Keep faults with engine toxiproxy on ${name} and dns-fail in suites of their own.`,
      },
    );
  }
  const known = borne.filter((alias) => namesOfEdge(context, alias).length > 0);
  return new SquallError("fault-unsupported", `dns-fail: ${name} is no name that this run gives.`, {
    place,
    remedy:
      known.length === 0
        ? "Only dependencies' names can fail, and this suite has none."
        : `Write one of: ${known.join(", ")}.`,
  });
};

export const dnsFail: DockerFault<"dns-fail"> = (context, { names }) =>
  strikeOrUndo(async (undo) => {
    const endpoints = await endpointsOf(context.docker, context.sidecar.containerId);
    const borne = endpoints.flatMap(({ aliases }) => aliases);
    const unknown = names.find((name) => !borne.includes(name));
    if (unknown !== undefined) throw unknownName(context, unknown, borne);

    const wanted = names.flatMap((name) => allNames(context, name));
    const struck = endpoints.flatMap((endpoint) => {
      const taken = endpoint.aliases.filter((alias) => wanted.includes(alias));
      return taken.length === 0 ? [] : [{ endpoint, taken }];
    });
    for (const { endpoint, taken } of struck) {
      undo.add(() => giveBack(context, endpoint, taken));
      const aliases = endpoint.aliases.filter((alias) => !taken.includes(alias));
      await rejoin(context, { ...endpoint, aliases });
    }
    return {
      effect: async () => {
        const asked = struck.map(({ endpoint, taken }) => resolving(context, endpoint.network, taken));
        const resolved = new Set((await Promise.all(asked)).flat());
        const fails = (name: string): boolean => !allNames(context, name).some((each) => resolved.has(each));
        return { seen: names.length, affected: names.filter(fails).length };
      },
      clear: () => undo.all(),
    };
  });
