/** Off the network: the container keeps running, and neither finds anybody nor is found. */
import type Dockerode from "dockerode";
import { SquallError } from "../../../../core/errors.ts";
import { type Endpoint, endpointsOf, join, leave } from "./endpoint.ts";
import { reasonOf } from "./engine-answer.ts";
import type { DockerFault } from "./fault.ts";
import { strikeOrUndo } from "./undo.ts";

const isBack = (now: readonly Endpoint[], before: Endpoint): boolean => {
  const found = now.find(({ network }) => network === before.network);
  return found !== undefined && before.aliases.every((alias) => found.aliases.includes(alias));
};

const reconnect = async (docker: Dockerode, id: string, before: Endpoint): Promise<void> => {
  const fail = (why: string, cause?: unknown): SquallError =>
    new SquallError("fault-not-cleared", `A container is not back on network ${before.network}: ${why}`, {
      place: `container ${id.slice(0, 12)}`,
      remedy: "End the run: the container goes with it.",
      cause,
    });
  try {
    const container = await docker
      .getContainer(id)
      .inspect()
      .catch(() => null);
    if (container === null) return;
    const now = await endpointsOf(docker, id);
    // One that was started meanwhile may be back by itself, without its names.
    if (now.some(({ network }) => network === before.network)) {
      if (isBack(now, before)) return;
      await leave(docker, id, before.network);
    }
    await join(docker, id, before);
  } catch (cause) {
    throw fail(reasonOf(cause), cause);
  }
  if (!isBack(await endpointsOf(docker, id), before))
    throw fail("the engine does not show it there with its names");
};

export const disconnect: DockerFault<"disconnect"> = (context, { on }) =>
  strikeOrUndo(async (undo) => {
    const { docker } = context;
    const ids = context.targets(on);
    for (const id of ids) {
      // All of them: edges that share a port have networks of their own.
      for (const endpoint of await endpointsOf(docker, id)) {
        undo.add(() => reconnect(docker, id, endpoint));
        await leave(docker, id, endpoint.network);
      }
    }
    return {
      effect: async () => {
        const left = await Promise.all(ids.map((id) => endpointsOf(docker, id)));
        return { seen: ids.length, affected: left.filter(({ length }) => length === 0).length };
      },
      clear: () => undo.all(),
    };
  });
