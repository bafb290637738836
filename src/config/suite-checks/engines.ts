import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import type { ParsedFault } from "../fault-schema.ts";
import { quoted } from "../problems.ts";
import { at, clash, type FaultRule, type SuiteCheck } from "./check.ts";
import { sourcesOf } from "./containers.ts";

/** `engine` is one of the kind's own. */
export const engineCanDoIt: FaultRule = ({ kind, engine }, path, _parts, { problem }) => {
  if (engine === undefined) return;
  const { engines, family } = FAULT_CATALOGUE[kind];
  if (engines.includes(engine)) return;
  problem(
    at([...path, "engine"], {
      code: "unsupported",
      found: engine,
      message: `Engine ${engine} cannot do ${kind}`,
      allowed: family === "load" ? "no engine: clients do it" : engines.join(", "),
    }),
  );
};

/** Of a kind that Toxiproxy can do; another is told so by engineCanDoIt. */
const isToxic = ({ kind, engine }: ParsedFault): boolean =>
  engine === "toxiproxy" && FAULT_CATALOGUE[kind].engines.includes("toxiproxy");

/** Toxiproxy sees connections: chosen requests are beyond it. */
export const toxiproxyTakesAll: FaultRule = (fault, path, _parts, { problem }) => {
  if (!isToxic(fault)) return;
  for (const key of ["fraction", "attempts", "match", "first"] as const) {
    const value = fault[key];
    if (value === undefined || (key === "fraction" && value === 1) || value === "all") continue;
    problem(
      clash(
        [...path, key],
        `Toxiproxy draws per connection, not per request: engine toxiproxy takes no ${key}`,
        "all connections (a fraction of 100 %), for",
        `Remove ${key}, or write engine: sidecar.`,
      ),
    );
  }
};

/** Only runtime docker can start a Toxiproxy. */
export const toxiproxyIsThere: FaultRule = (fault, path, parts, { problem }) => {
  const { runtime, service, toxiproxy, flawed } = parts;
  if (!isToxic(fault) || toxiproxy === undefined || flawed.has("toxiproxy")) return;
  const bare =
    runtime === "auto" && service !== undefined && !flawed.has("service") && sourcesOf(service).length === 0;
  if (toxiproxy.url !== undefined || (runtime !== "process" && !bare)) return;
  problem(
    clash(
      [...path, "engine"],
      "Runtime process starts no Toxiproxy, and toxiproxy.url names none",
      "toxiproxy: { url: http://host:port }, or runtime: docker",
      "Start one and write its address, or leave engine out: the sidecar does it.",
    ),
  );
};

/** The API has no path, no encryption and no password. */
export const toxiproxyUrlFits: SuiteCheck = ({ toxiproxy }, { problem }) => {
  const url = toxiproxy?.url;
  if (url === undefined || (/^http:\/\/[^/?#@\s\\]+:\d{1,5}\/?$/.test(url) && URL.canParse(url))) return;
  problem(
    at(["toxiproxy", "url"], {
      code: url.includes("@") ? "unsafe" : "wrong-value",
      found: quoted(url.replace(/\/\/[^@/]*@/, "//***@")),
      message: "This is no address of a Toxiproxy",
      allowed: "http://host:port, without path and password",
      remedy: 'Write the address of its API, such as "http://127.0.0.1:8474".',
      ...(url.includes("@") ? { hideSource: true as const } : {}),
    }),
  );
};
