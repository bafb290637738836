/** Where faults were injected, and whether at all: nothing of this reaches the ranking. */
import { FAULT_CATALOGUE } from "../fault-catalogue.ts";
import type { Profile, Scenario } from "../profile.ts";
import { placeOfProcess } from "./places.ts";

/** Load comes from clients, whatever it is aimed at; a replica is a part of the service. */
export const truthOf = ({ faults }: Scenario): readonly string[] => [
  ...new Set(
    faults.map(({ kind, on }) => (FAULT_CATALOGUE[kind].family === "load" ? "client" : placeOfProcess(on))),
  ),
];

/** Was there anything to find? Where receipts were kept and say that nothing was struck, there was not. */
export const hasStruck = ({ windows }: Profile, scenario: string): boolean => {
  const receipts = windows
    .filter((window) => window.scenario === scenario)
    .flatMap((window) => window.receipts);
  return receipts.length === 0 || receipts.some(({ affected }) => affected > 0);
};
