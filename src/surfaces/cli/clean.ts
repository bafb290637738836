import { type CleanOptions, cleanEngine } from "../../adapters/runtimes/docker/clean.ts";

/** Removes what dead runs left on the Docker engine. Runs that are under way are never touched. */
export const clean = async (options: CleanOptions): Promise<number> => {
  const { lines, containers, networks, volumes, images } = await cleanEngine(options);
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (lines.length === 0) process.stdout.write("nothing of squall's is left on this engine\n");
  else if (options.dryRun) process.stdout.write("nothing was removed: --dry-run\n");
  else {
    process.stdout.write(
      `removed ${containers} containers, ${networks} networks, ${volumes} volumes, ${images} images\n`,
    );
  }
  // What is in use or could not be removed is still there: say so by the exit code.
  const removed = containers + networks + volumes + images;
  return options.dryRun || removed >= lines.length ? 0 : 3;
};
