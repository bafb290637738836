import type { EditableHead, FaultFactory } from "./fault.ts";

/** A header has another value, or is there where it was not. Hits where that is a change. */
export const headerSet: FaultFactory<"header-set"> = (fault) => ({
  strike: (strike) => {
    const name = fault.header.toLowerCase();
    const set = (head: EditableHead): void => {
      const at = head.headers.findIndex((header) => header.name.toLowerCase() === name);
      const others = head.headers.filter((header) => header.name.toLowerCase() !== name);
      const old = head.headers[at];
      if (old?.value === fault.value && others.length === head.headers.length - 1) return;
      strike.hit();
      others.splice(at < 0 ? others.length : at, 0, { name: old?.name ?? fault.header, value: fault.value });
      head.headers = others;
    };
    return fault.side === "request" ? { editRequestHead: set } : { editResponseHead: set };
  },
});
