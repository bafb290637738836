import type { EditableHead, FaultFactory } from "./fault.ts";

/** A header is missing, in the request as upstream sees it or in the answer. Hits where it was there. */
export const headerDrop: FaultFactory<"header-drop"> = (fault) => ({
  strike: (strike) => {
    const name = fault.header.toLowerCase();
    const drop = (head: EditableHead): void => {
      const kept = head.headers.filter((header) => header.name.toLowerCase() !== name);
      if (kept.length === head.headers.length) return;
      strike.hit();
      head.headers = kept;
    };
    return fault.side === "request" ? { editRequestHead: drop } : { editResponseHead: drop };
  },
});
