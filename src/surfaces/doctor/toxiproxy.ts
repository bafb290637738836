/** The real Toxiproxy: told of only where the suite asks for it, or where its server is on PATH. */
import { ToxiproxyClient } from "../../adapters/engines/toxiproxy/client.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { Answer, Question } from "../../run/doctor/check.ts";
import type { RuntimeName } from "../../run/doctor/readiness.ts";
import type { LookedEngine } from "./docker-engine.ts";
import { isOnPath } from "./executable.ts";

export const wantsToxiproxy = ({ experiments, frontiers }: Suite): boolean =>
  [...experiments, ...frontiers].some(({ faults }) => faults.some(({ engine }) => engine === "toxiproxy"));

const SERVER = "toxiproxy-server";
const NAME = { name: "toxiproxy", neededFor: "faults with engine: toxiproxy" };

/** Null where there is none and nobody asked. */
export const presentToxiproxy = async (
  cwd: string,
  searchPath: string | undefined,
): Promise<Question | null> =>
  (await isOnPath(SERVER, cwd, searchPath))
    ? {
        ...NAME,
        otherwise: { state: "warn", remedy: "Start it, and write its address as toxiproxy.url." },
        look: async () => ({ state: "ok", found: `${SERVER} is on PATH` }),
      }
    : null;

const answers = async (url: string, signal: AbortSignal): Promise<Answer> => {
  const client = new ToxiproxyClient(url);
  const close = (): void => void client.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    await client.checkVersion();
    return { state: "ok", found: "answers at toxiproxy.url" };
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    // The address itself may hold a password.
    return {
      state: "missing",
      found: error.message.replaceAll(client.url, "toxiproxy.url"),
      remedy: error.remedy ?? "Start Toxiproxy 2.x.",
    };
  } finally {
    signal.removeEventListener("abort", close);
    await client.close();
  }
};

const hasImage = async (engine: LookedEngine, image: string): Promise<Answer> => {
  try {
    await engine.docker.getImage(image).inspect();
    return { state: "ok", found: `image ${image} is here` };
  } catch {
    return {
      state: "warn",
      found: `image ${image} is not here yet`,
      remedy: `A run pulls it; to be sure, \`docker pull ${image}\`.`,
    };
  }
};

/** For a suite that asks for it. */
export const suiteToxiproxy = (
  { toxiproxy: { url, image } }: Suite,
  runtime: RuntimeName,
  engine: LookedEngine | null,
): Question => ({
  ...NAME,
  otherwise: { state: "missing", remedy: "Start Toxiproxy 2.x, and write its address as toxiproxy.url." },
  look: async (signal) => {
    if (url !== undefined) return answers(url, signal);
    if (runtime === "docker" && engine !== null) return hasImage(engine, image);
    return {
      state: "missing",
      found: `the suite names no toxiproxy.url, and runtime ${runtime} starts none here`,
      remedy: "Start one and write its address as toxiproxy.url, or use runtime docker.",
    };
  },
});
