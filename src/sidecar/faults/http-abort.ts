import type { FaultFactory } from "./fault.ts";

/** The connection is reset instead of an answer; upstream never sees the request. */
export const httpAbort: FaultFactory<"http-abort"> = () => ({
  strike: (strike) => ({
    beforeRequest: () => {
      strike.hit();
      return { type: "cut", how: "reset" };
    },
  }),
});
