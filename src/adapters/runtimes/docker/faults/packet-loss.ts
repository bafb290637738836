/**
 * Packets of an edge are lost, each with the same probability, both ways: rules of iptables in the sidecar's own network
 * namespace, where they end with the sidecar at the latest.
 *
 *   INPUT  -d address --dport port --.
 *                                     >-- chain of ours: statistic, random --> DROP
 *   OUTPUT -s address --sport port --'
 *
 * The two jumps count what was seen, the rule in the chain what was lost. The kernel draws; no seed reaches it.
 */
import { randomBytes } from "node:crypto";
import { SquallError } from "../../../../core/errors.ts";
import { type PacketFilterImage, packetFilterImage } from "../packet-filter-image.ts";
import { endpointsOf } from "./endpoint.ts";
import type { DockerFault, DockerFaultContext } from "./fault.ts";
import { strikeOrUndo } from "./undo.ts";
import { runWorker, type WorkerEnd } from "./worker.ts";

interface Rules {
  readonly chain: string;
  /** With their jump to the chain. */
  readonly jumps: readonly string[];
}

type PacketFilter = (
  program: "iptables-restore" | "iptables-save",
  options: readonly string[],
  rules?: string,
) => Promise<WorkerEnd>;

const RULES_FILE = "/rules";

const table = (lines: readonly string[]): string => ["*filter", ...lines, "COMMIT", ""].join("\n");

const filterIn =
  (context: DockerFaultContext, image: PacketFilterImage, binary: string): PacketFilter =>
  (program, options, rules) =>
    runWorker(context.docker, {
      image: image.name,
      command: [binary, program, ...options, ...(rules === undefined ? [] : [RULES_FILE])],
      labels: context.labels,
      env: image.env,
      network: `container:${context.sidecar.containerId}`,
      capabilities: ["NET_ADMIN", "NET_RAW"],
      ...(rules === undefined ? {} : { files: { [RULES_FILE]: rules } }),
    });

const restore = (filter: PacketFilter, lines: readonly string[]): Promise<WorkerEnd> =>
  filter("iptables-restore", ["--noflush", "--wait", "5"], table(lines));

/** Rules with counters that concern the chain. */
const listed = async (filter: PacketFilter, { chain }: Rules): Promise<readonly string[]> => {
  const { exitCode, stdout, stderr } = await filter("iptables-save", ["-c", "-t", "filter"]);
  // A listing without its end proves nothing.
  if (exitCode !== 0 || !/^COMMIT$/m.test(stdout))
    throw new Error(`iptables-save listed no rules: ${stderr.trim()}`);
  return stdout.split("\n").filter((line) => line.includes(chain));
};

const rulesOf = async ({ docker, sidecar }: DockerFaultContext, edge: string): Promise<Rules> => {
  const { port, network } = sidecar.edge(edge);
  const endpoints = await endpointsOf(docker, sidecar.containerId);
  // Two dependencies may share a port, each on a network of its own. The client edge is reached over any of them.
  const address =
    edge === "client" ? "" : (endpoints.find((each) => each.network === network)?.address ?? "");
  const chain = `SQUALL-${randomBytes(4).toString("hex")}`;
  const way = (host: string, ports: string): string =>
    `${address === "" ? "" : `${host} ${address}/32 `}-p tcp -m tcp ${ports} ${port} -j ${chain}`;
  return { chain, jumps: [`INPUT ${way("-d", "--dport")}`, `OUTPUT ${way("-s", "--sport")}`] };
};

const isRunning = ({ docker, sidecar }: DockerFaultContext): Promise<boolean> =>
  docker
    .getContainer(sidecar.containerId)
    .inspect()
    .then(
      ({ State }) => State.Running,
      () => false,
    );

const remove = async (
  context: DockerFaultContext,
  filter: PacketFilter,
  rules: Rules,
  edge: string,
): Promise<void> => {
  let why: string;
  try {
    if ((await listed(filter, rules)).length === 0) return;
    const { chain, jumps } = rules;
    const { stderr } = await restore(filter, [
      ...jumps.map((jump) => `-D ${jump}`),
      `-F ${chain}`,
      `-X ${chain}`,
    ]);
    const left = await listed(filter, rules);
    if (left.length === 0) return;
    why = [stderr.trim(), ...left].join("\n");
  } catch (cause) {
    // Its namespace went with it.
    if (!(await isRunning(context))) return;
    why = (cause as Error).message;
  }
  throw new SquallError("fault-not-cleared", `Packets of ${edge} may still be lost: ${why}`, {
    place: `packet-loss on ${edge}`,
    remedy: "End the run: the rules go with the sidecar.",
  });
};

/** Tries both makes of iptables: kernels differ in which one they take. */
const insert = async (context: DockerFaultContext, rules: Rules, rate: number): Promise<PacketFilter> => {
  const image = await packetFilterImage(context.docker);
  const refusals: string[] = [];
  const { chain, jumps } = rules;
  for (const binary of image.programs) {
    const filter = filterIn(context, image, binary);
    const { exitCode, stderr } = await restore(filter, [
      `:${chain} - [0:0]`,
      `-A ${chain} -m statistic --mode random --probability ${rate} -j DROP`,
      ...jumps.map((jump) => `-I ${jump}`),
    ]);
    if (exitCode === 0) return filter;
    refusals.push(`${binary}: ${stderr.trim()}`);
  }
  throw new SquallError("fault-unsupported", "The kernel takes no rules that lose packets.", {
    place: "packet-loss",
    detail: refusals,
    remedy: "Remove the experiment, or run it on a machine whose kernel has iptables' statistic match.",
  });
};

/** `[packets:bytes] -A CHAIN ...` */
const packets = (lines: readonly string[], holds: (rule: string) => boolean): number =>
  lines.filter(holds).reduce((sum, line) => sum + Number(/^\[(\d+):/.exec(line)?.[1] ?? 0), 0);

export const packetLoss: DockerFault<"packet-loss"> = (context, { on, rate }) =>
  strikeOrUndo(async (undo) => {
    const rules = await rulesOf(context, on);
    const filter = await insert(context, rules, rate);
    undo.add(() => remove(context, filter, rules, on));
    return {
      effect: async () => {
        const lines = await listed(filter, rules);
        return {
          seen: packets(lines, (line) => line.includes(`-j ${rules.chain}`)),
          affected: packets(lines, (line) => line.includes(`-A ${rules.chain}`)),
        };
      },
      clear: () => undo.all(),
    };
  });
