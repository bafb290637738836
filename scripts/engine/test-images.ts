/** Images that tests with a Docker engine use. Each is made where the engine does not have it; no registry is asked. */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { NODE_INSIDE, nodeFiles } from "../../src/adapters/runtimes/docker/node-files.ts";
import { importArchive, importImage, type TarEntry } from "../../src/adapters/runtimes/docker/tar.ts";

/** test/support/services/service.ts with the running node, on port 8080 of all addresses. */
export const SERVICE_IMAGE = "squall-test/service:1";
/** The real server under the name that a suite has by default. */
export const TOXIPROXY_IMAGE = "ghcr.io/shopify/toxiproxy:2.12.0";
/** Debian bookworm with Python. */
export const DEBIAN_IMAGE = "squall-test/debian:1";

/** What an image of ours was made of: it is made again when that changes. */
const LABEL_CONTENT = "dev.squall.test-image";
const TOXIPROXY_VERSION = "2.12.0";
const TOXIPROXY_MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@v${TOXIPROXY_VERSION}`;
const DEBIAN_PACKAGES = "ca-certificates,python3,python3-pip,python3-venv";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

type Say = (line: string) => void;

interface Present {
  readonly id: string;
  readonly content: string | undefined;
}

const present = async (docker: Dockerode, name: string): Promise<Present | null> => {
  try {
    const { Id, Config } = await docker.getImage(name).inspect();
    return { id: Id, content: Config.Labels?.[LABEL_CONTENT] };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
    throw error;
  }
};

/** What has lost its name would only take space; a container may still run in it. */
const removeOutdated = async (docker: Dockerode, outdated: Present | null): Promise<void> => {
  if (outdated !== null)
    await docker
      .getImage(outdated.id)
      .remove()
      .catch(() => undefined);
};

const service = async (docker: Dockerode, say: Say): Promise<void> => {
  const source = path.join(root, "test/support/services/service.ts");
  const content = createHash("sha256")
    .update(JSON.stringify([process.version, process.arch]))
    .update(await readFile(source))
    .digest("hex")
    .slice(0, 16);
  const found = await present(docker, SERVICE_IMAGE);
  if (found?.content === content) return;
  say(`making ${SERVICE_IMAGE}`);
  const node = await nodeFiles();
  const entries: TarEntry[] = [
    { name: "tmp", mode: 0o1777, content: "directory" },
    { name: "etc/passwd", mode: 0o644, content: { text: "root:x:0:0:root:/:/sbin/nologin\n" } },
    { name: "etc/nsswitch.conf", mode: 0o644, content: { text: "hosts: files dns\n" } },
    ...node.files.map((file) => ({ name: file.name, mode: 0o755, content: { file: file.source } })),
    { name: "service.ts", mode: 0o644, content: { file: source } },
  ];
  await importImage(docker, SERVICE_IMAGE, entries, [
    `ENTRYPOINT ["/${NODE_INSIDE}"]`,
    'CMD ["/service.ts"]',
    ...(node.libraryFolders.length === 0 ? [] : [`ENV LD_LIBRARY_PATH=${node.libraryFolders.join(":")}`]),
    "ENV PORT=8080 HOST=0.0.0.0",
    `LABEL ${LABEL_CONTENT}=${content}`,
  ]);
  await removeOutdated(docker, found);
};

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The server's binary, built once into .cache/bin, where the benchmark looks for it too. */
const toxiproxyBinary = async (say: Say): Promise<string> => {
  const folder = path.join(root, ".cache/bin");
  const binary = path.join(folder, "server");
  if (await exists(binary)) return binary;
  say(`building ${TOXIPROXY_MODULE}`);
  const flags = `-X github.com/Shopify/toxiproxy/v2.Version=${TOXIPROXY_VERSION}`;
  try {
    await run("go", ["install", "-ldflags", flags, TOXIPROXY_MODULE], {
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" },
    });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = missing
      ? "there is no `go` on PATH; 1.23 or newer is needed (go.dev/doc/install)"
      : String((cause as { stderr?: string }).stderr ?? cause);
    throw new Error(`Toxiproxy cannot be built: ${why}`, { cause });
  }
  return binary;
};

const toxiproxy = async (docker: Dockerode, say: Say): Promise<void> => {
  if ((await present(docker, TOXIPROXY_IMAGE)) !== null) return;
  const binary = await toxiproxyBinary(say);
  say(`making ${TOXIPROXY_IMAGE}`);
  const entries: TarEntry[] = [{ name: "toxiproxy", mode: 0o755, content: { file: binary } }];
  await importImage(docker, TOXIPROXY_IMAGE, entries, [
    'ENTRYPOINT ["/toxiproxy"]',
    'CMD ["-host=0.0.0.0"]',
    "EXPOSE 8474",
    `LABEL ${LABEL_CONTENT}=${TOXIPROXY_VERSION}`,
  ]);
};

/** The first of the machine's own package sources; undefined: debootstrap's default. */
const debianMirror = async (): Promise<string | undefined> => {
  const filter = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Codename: bookworm"];
  const { stdout } = await run("apt-get", filter).catch(() => ({ stdout: "" }));
  return stdout.split("\n").find((line) => line.startsWith("http"));
};

const debian = async (docker: Dockerode, say: Say): Promise<void> => {
  const found = await present(docker, DEBIAN_IMAGE);
  if (found?.content === DEBIAN_PACKAGES) return;
  say(`making ${DEBIAN_IMAGE} (debootstrap, about a minute)`);
  const folder = await mkdtemp(path.join(tmpdir(), "squall-debian-"));
  try {
    const mirror = await debianMirror();
    const options = ["--variant=minbase", `--include=${DEBIAN_PACKAGES}`, "bookworm", folder];
    await run("debootstrap", [...options, ...(mirror === undefined ? [] : [mirror])], { maxBuffer: 1 << 26 });
    // The package lists and archives would only make it larger.
    const left = [
      "./var/cache/apt/archives/*.deb",
      "./var/lib/apt/lists/*",
      "./proc/*",
      "./sys/*",
      "./dev/*",
    ];
    const tar = spawn("tar", ["-C", folder, ...left.map((pattern) => `--exclude=${pattern}`), "-c", "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await importArchive(docker, DEBIAN_IMAGE, tar.stdout, [
      'CMD ["/bin/bash"]',
      `LABEL ${LABEL_CONTENT}=${DEBIAN_PACKAGES}`,
    ]);
    await removeOutdated(docker, found);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new Error("There is no debootstrap: as root, `apt-get install -y debootstrap`", { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Makes what is missing or outdated; a call that finds all in place takes some milliseconds. */
export const ensureTestImages = async (
  docker: Dockerode,
  say: Say,
  options: { readonly debian?: boolean } = {},
): Promise<void> => {
  await service(docker, say);
  await toxiproxy(docker, say);
  if (options.debian === true) await debian(docker, say);
};
