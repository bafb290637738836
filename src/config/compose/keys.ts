/** Keys of compose: what is read, what is passed over because it changes nothing here, and what stops the reading. */
import { nearestOf } from "../problems.ts";
import type { ComposeReader, Path } from "./reader.ts";
import { isNothing } from "./values.ts";

const READ = [
  "image",
  "build",
  "command",
  "entrypoint",
  "environment",
  "ports",
  "expose",
  "volumes",
  "depends_on",
  "working_dir",
  "user",
  "cpus",
  "mem_limit",
  "shm_size",
  "tmpfs",
  "deploy",
] as const;

/** Names and networks are squall's own; when a container is ready, started again or ended is squall's to say. */
const PASSED = [
  "annotations",
  "attach",
  "container_name",
  "cpu_shares",
  "develop",
  "domainname",
  "healthcheck",
  "hostname",
  "init",
  "label_file",
  "labels",
  "logging",
  "mem_reservation",
  "networks",
  "profiles",
  "pull_policy",
  "restart",
  "scale",
  "stdin_open",
  "stop_grace_period",
  "stop_signal",
  "tty",
] as const;

const TAKE_OUT = "Remove it, or say image or build in squall.yml instead of compose.";
const BY_URL = "Name it under dependencies in squall.yml: its name is then known to the service.";
const BY_FILES = "Give the file with files in squall.yml.";

/** What would change how the container behaves, and what to do instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  env_file: "Write the variables under environment, or under env in squall.yml.",
  extends: "Write the service out in full: `docker compose config` prints it so.",
  secrets: BY_FILES,
  configs: BY_FILES,
  extra_hosts: BY_URL,
  links: BY_URL,
  external_links: BY_URL,
  network_mode: "Remove it: the run has a network of its own.",
  volumes_from: "Name the volumes themselves under volumes.",
  platform: "Remove it: images are made for the machine that runs them.",
  cpuset: "Write cpuset in squall.yml.",
  ...Object.fromEntries(
    [
      "blkio_config",
      "cap_add",
      "cap_drop",
      "cgroup",
      "cgroup_parent",
      "cpu_count",
      "cpu_percent",
      "cpu_period",
      "cpu_quota",
      "cpu_rt_period",
      "cpu_rt_runtime",
      "credential_spec",
      "device_cgroup_rules",
      "devices",
      "dns",
      "dns_opt",
      "dns_search",
      "gpus",
      "group_add",
      "ipc",
      "isolation",
      "mac_address",
      "memswap_limit",
      "mem_swappiness",
      "models",
      "oom_kill_disable",
      "oom_score_adj",
      "pid",
      "pids_limit",
      "post_start",
      "pre_stop",
      "privileged",
      "provider",
      "read_only",
      "runtime",
      "security_opt",
      "storage_opt",
      "sysctls",
      "ulimits",
      "use_api_socket",
      "userns_mode",
      "uts",
      "volume_driver",
    ].map((key) => [key, TAKE_OUT]),
  ),
};

/** A problem for a key that squall knows and cannot do. */
export const cannotDo = (reader: ComposeReader, path: Path, remedy = TAKE_OUT): void =>
  reader.problem(path, {
    at: "key",
    code: "unsupported",
    message: `${String(path.at(-1))} changes how the container runs, and squall cannot do it`,
    allowed: "",
    remedy,
  });

const isOurs = (key: string, known: readonly string[]): boolean =>
  known.includes(key) || key.startsWith("x-");

/** Says which keys of a service cannot be done or are not known. */
export const checkServiceKeys = (
  reader: ComposeReader,
  service: Readonly<Record<string, unknown>>,
  path: Path,
): void => {
  for (const [key, value] of Object.entries(service)) {
    if (isOurs(key, READ) || isOurs(key, PASSED)) continue;
    const remedy = Object.hasOwn(UNSUPPORTED, key) ? UNSUPPORTED[key] : undefined;
    if (remedy === undefined)
      unknownKey(reader, [...path, key], [...READ, ...PASSED, ...Object.keys(UNSUPPORTED)]);
    else if (!isNothing(value)) cannotDo(reader, [...path, key], remedy);
  }
};

const unknownKey = (reader: ComposeReader, path: Path, known: readonly string[]): void => {
  const nearest = nearestOf(String(path.at(-1)), known);
  reader.problem(path, {
    at: "key",
    code: "unknown-key",
    message: "This key is not known",
    allowed: "keys of the Compose Specification",
    ...(nearest === undefined ? {} : { nearest }),
  });
};

/** The same for any other map: `read` and `passed` are taken, a known one that is written so that it does something stops. */
export const checkKeys = (
  reader: ComposeReader,
  map: Readonly<Record<string, unknown>>,
  path: Path,
  keys: { readonly known: readonly string[]; readonly unsupported: Readonly<Record<string, string>> },
): void => {
  for (const [key, value] of Object.entries(map)) {
    if (isOurs(key, keys.known)) continue;
    const remedy = Object.hasOwn(keys.unsupported, key) ? keys.unsupported[key] : undefined;
    if (remedy === undefined)
      unknownKey(reader, [...path, key], [...keys.known, ...Object.keys(keys.unsupported)]);
    else if (!isNothing(value)) cannotDo(reader, [...path, key], remedy);
  }
};
