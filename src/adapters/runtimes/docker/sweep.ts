/** Removes what a run left: by its labels, and nothing else. */
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { LABEL_OWNER, LABEL_RUN, ownerState } from "./labels.ts";

export interface Swept {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

type Labelled = { readonly Labels?: Readonly<Record<string, string>> | null | undefined };

export interface Leftovers {
  readonly containers: readonly Dockerode.ContainerInfo[];
  readonly networks: readonly Dockerode.NetworkInspectInfo[];
  readonly volumes: readonly Dockerode.VolumeInspectInfo[];
}

/** Everything of squall's (or of one run) that the engine has. */
export const listLabelled = async (docker: Dockerode, runId?: string): Promise<Leftovers> => {
  const filters = { label: [runId === undefined ? LABEL_RUN : `${LABEL_RUN}=${runId}`] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters: { label: filters.label } }),
  ]);
  return { containers, networks, volumes: volumes ?? [] };
};

const settle = async (removals: readonly Promise<unknown>[]): Promise<number> =>
  (await Promise.allSettled(removals)).filter(({ status }) => status === "fulfilled").length;

/** Containers first: they hold networks and volumes. What could not be removed is left for the next look. */
export const removeAll = async (docker: Dockerode, found: Leftovers): Promise<Swept> => ({
  containers: await settle(
    found.containers.map(async ({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })),
  ),
  networks: await settle(found.networks.map(async ({ Id }) => docker.getNetwork(Id).remove())),
  volumes: await settle(
    found.volumes.map(async ({ Name }) => docker.getVolume(Name).remove({ force: true })),
  ),
});

const isEmpty = ({ containers, networks, volumes }: Leftovers): boolean =>
  containers.length + networks.length + volumes.length === 0;

/** A call of the dead squall's may still be under way in the engine: so many looks in a row must find nothing. */
const CLEAN_LOOKS = 3;
const LOOK_PAUSE_MS = 500;
const MOST_LOOKS = 60;

/** Removes one run's leftovers until nothing comes any more. */
export const sweepRun = async (docker: Dockerode, runId: string): Promise<void> => {
  let clean = 0;
  for (let look = 0; look < MOST_LOOKS && clean < CLEAN_LOOKS; look++) {
    const found = await listLabelled(docker, runId);
    clean = isEmpty(found) ? clean + 1 : 0;
    await removeAll(docker, found);
    if (clean < CLEAN_LOOKS) await sleep(LOOK_PAUSE_MS);
  }
};

const ownedBy = (what: Labelled): string => what.Labels?.[LABEL_OWNER] ?? "";

/**
 * Leftovers whose squall is gone. Those of a squall that still runs are never touched; those of another machine (an
 * engine may serve several) only where `elsewhere` says so.
 */
export const findDead = async (docker: Dockerode, elsewhere: boolean): Promise<Leftovers> => {
  const found = await listLabelled(docker);
  const dead = (what: Labelled): boolean => {
    const state = ownerState(ownedBy(what));
    return state === "dead" || (elsewhere && state === "elsewhere");
  };
  return {
    containers: found.containers.filter(dead),
    networks: found.networks.filter(dead),
    volumes: found.volumes.filter(dead),
  };
};
