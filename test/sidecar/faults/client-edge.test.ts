/** In front of the service: the generator names each request, and a fault strikes the marked ones alone. */
import { expect, test } from "vitest";
import {
  edgeTo,
  exchange,
  type FaultParameters,
  get,
  httpServer,
  ok,
  placed,
  sidecar,
} from "../support/peers.ts";
import { CHAT, type Heard, modelEdge, STREAM } from "./model-edge.ts";

/** How a request is named; the last two are not, or not properly. */
const REQUESTS: readonly (readonly [string | null, Record<string, string>])[] = [
  ["a~0", { "x-squall-request": "a~0" }],
  ["b~0", { "x-squall-request": "b~0" }],
  ["b~1", { "x-squall-request": "b~1" }],
  ["c~2", { "X-Squall-Request": "c~2" }],
  ["d~0", { baggage: "tenant=x, squall=d~0" }],
  ["a~1", { baggage: "squall=a~1" }],
  [null, { "x-squall-request": "b~0, b~0" }],
  [null, {}],
];
const MARKED = ["b~0", "c~2", "d~0"];
const DELAY_MS = 250;
const DELAY = { delayMs: DELAY_MS, jitterMs: 0, distribution: "constant" } as const;

/** The connection was cut before there was an answer. */
type Outcome = Heard | "cut";
const heard = (outcome: Outcome): Heard => {
  if (outcome === "cut") throw new Error("there was no answer");
  return outcome;
};
const late = (outcome: Outcome, calm: Heard): boolean =>
  heard(outcome).text === calm.text && heard(outcome).endMs >= DELAY_MS - 1;
const cut = (outcome: Outcome): boolean => outcome === "cut";

type Struck = (outcome: Outcome, calm: Heard) => boolean;
const FAMILIES: readonly (readonly [string, object, FaultParameters, Struck])[] = [
  ["latency downstream", CHAT, { kind: "latency", direction: "downstream", ...DELAY }, late],
  ["latency upstream", CHAT, { kind: "latency", direction: "upstream", ...DELAY }, late],
  ["reset", CHAT, { kind: "reset" }, cut],
  ["http-delay of the request", CHAT, { kind: "http-delay", before: "request", ...DELAY }, late],
  ["http-delay of the answer", CHAT, { kind: "http-delay", before: "response", ...DELAY }, late],
  [
    "http-error",
    CHAT,
    { kind: "http-error", status: 503, headers: {} },
    (outcome) => heard(outcome).status === 503,
  ],
  ["http-abort", CHAT, { kind: "http-abort" }, cut],
  [
    "body-corrupt",
    CHAT,
    { kind: "body-corrupt", mutation: "truncate" },
    (outcome, calm) => heard(outcome).status === 200 && heard(outcome).text.length < calm.text.length,
  ],
  ["first-token-delay", STREAM, { kind: "first-token-delay", ...DELAY }, late],
  [
    "stream-truncate",
    STREAM,
    { kind: "stream-truncate", afterEvents: 3, clean: true },
    (outcome) => heard(outcome).events.length === 3,
  ],
  [
    "stream-stall",
    STREAM,
    { kind: "stream-stall", afterEvents: 3, stallMs: DELAY_MS, pings: false },
    (outcome, calm) => {
      // The event before it may be heard late as well; this one can not be heard early.
      return late(outcome, calm) && (heard(outcome).events[3]?.atMs ?? 0) >= DELAY_MS - 1;
    },
  ],
  [
    "rate-limit",
    CHAT,
    { kind: "rate-limit", requests: 0, windowMs: 60_000 },
    (outcome) => heard(outcome).status === 429,
  ],
];

test.each(FAMILIES)(
  "%s on the client edge strikes the marked requests alone",
  async (_, body, fault, struck) => {
    await using edge = await modelEdge({}, "client");
    const calm = await edge.ask(body);
    await edge.setFault(fault, { type: "keys", keys: MARKED });
    const { length: before } = await edge.records();
    const outcomes: (readonly [string | null, Outcome])[] = [];
    for (const [key, headers] of REQUESTS) {
      const outcome = await edge.ask(body, undefined, headers).catch((): Outcome => "cut");
      outcomes.push([key, outcome]);
    }
    expect(outcomes.filter(([, outcome]) => struck(outcome, calm)).map(([key]) => key)).toEqual(MARKED);
    const spared = outcomes.filter(([key]) => key === null || !MARKED.includes(key));
    expect(spared.map(([, outcome]) => heard(outcome).text)).toEqual(spared.map(() => calm.text));
    expect(await edge.receipt()).toEqual({
      faultId: "f1",
      edge: "client",
      seen: REQUESTS.length,
      affected: MARKED.length,
    });
    const records = (await edge.records()).slice(before);
    expect(records.map(({ requestKey, faults }) => [requestKey, faults])).toEqual(
      REQUESTS.map(([key]) => [key, key !== null && MARKED.includes(key) ? ["f1"] : []]),
    );
  },
);

test("the same fault at once on the client edge and a dependency's keeps to its own edge", async () => {
  await using service = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(service.port, "client"), edgeTo(service.port)]);
  const error = { kind: "http-error", headers: {} } as const;
  await proxy.setFaults([
    placed({ ...error, on: "client", status: 503 }, { type: "keys", keys: ["a~0"] }, "f1"),
    placed({ ...error, on: "llm", status: 529 }, { type: "keys", keys: ["b~0"] }, "f2"),
  ]);
  const statuses: string[] = [];
  for (const edge of ["client", "llm"]) {
    for (const key of ["a~0", "b~0"]) {
      const answer = await exchange(proxy.port(edge), get("/", `x-squall-request: ${key}\r\n`), {
        until: (text) => /hello$|\}$/.test(text),
      });
      statuses.push(`${edge} ${key} ${answer.bytes.toString().slice(9, 12)}`);
    }
  }
  expect(statuses).toEqual(["client a~0 503", "client b~0 200", "llm a~0 200", "llm b~0 529"]);
});
