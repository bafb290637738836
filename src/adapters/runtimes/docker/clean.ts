/** `squall clean`: what runs left that ended without cleaning up, such as on a machine that lost its power. */
import type Dockerode from "dockerode";
import { connectEngine } from "./engine.ts";
import { LABEL_IMAGE, LABEL_RUN } from "./labels.ts";
import { findDead, removeAll, type Swept } from "./sweep.ts";

export interface CleanOptions {
  /** Only tell. */
  readonly dryRun: boolean;
  /** Also what a squall on another machine started on this engine, whether it still runs or not. */
  readonly elsewhere: boolean;
  /** Also the images that squall made and that no container uses. */
  readonly images: boolean;
}

export interface Cleaned extends Swept {
  readonly images: number;
  /** One line for each thing found. */
  readonly lines: readonly string[];
}

const ourImages = async (docker: Dockerode): Promise<Dockerode.ImageInfo[]> =>
  docker.listImages({ filters: { label: [LABEL_IMAGE] } });

/** An image in use is refused by the engine, and kept. */
const removeImages = async (docker: Dockerode, images: readonly Dockerode.ImageInfo[]): Promise<number> => {
  const results = await Promise.allSettled(
    images.flatMap(({ Id, RepoTags }) => {
      const names = RepoTags?.filter((tag) => tag !== "<none>:<none>") ?? [];
      return (names.length === 0 ? [Id] : names).map(async (name) => docker.getImage(name).remove());
    }),
  );
  return results.filter(({ status }) => status === "fulfilled").length;
};

/** @throws SquallError `engine-unavailable` */
export const cleanEngine = async ({ dryRun, elsewhere, images }: CleanOptions): Promise<Cleaned> => {
  const { docker } = await connectEngine();
  const found = await findDead(docker, elsewhere);
  const made = images ? await ourImages(docker) : [];
  const runOf = (labels: Readonly<Record<string, string>> | null | undefined): string =>
    labels?.[LABEL_RUN] ?? "unknown";
  const lines = [
    ...found.containers.map(
      ({ Names, Labels, State }) => `container ${Names[0]?.slice(1) ?? "?"} (${State}, run ${runOf(Labels)})`,
    ),
    ...found.networks.map(({ Name, Labels }) => `network ${Name} (run ${runOf(Labels)})`),
    ...found.volumes.map(({ Name, Labels }) => `volume ${Name} (run ${runOf(Labels)})`),
    ...made.map(({ RepoTags, Id }) => `image ${RepoTags?.[0] ?? Id.slice(7, 19)}`),
  ];
  if (dryRun) return { containers: 0, networks: 0, volumes: 0, images: 0, lines };
  return { ...(await removeAll(docker, found)), images: await removeImages(docker, made), lines };
};
