import type { BodyStage, FaultFactory } from "./fault.ts";

/** The most that is held, whatever the suite says: beyond it the relay stops reading, and no clump would ever fill. */
const MAX_CLUMP_BYTES = 2 * 1024 * 1024;
/** A body held shorter than this before its end was not held in any sense a client could notice. */
const NOTICEABLE_MS = 1;

/** A proxy that buffers: the body is held until `flushBytes` are there (or it ends), then released in one clump. */
export const buffering: FaultFactory<"buffering"> = (fault, context) => ({
  strike: (strike) => ({
    responseBody: (next): BodyStage => {
      const limit = Math.min(fault.flushBytes, MAX_CLUMP_BYTES);
      let held: Buffer[] = [];
      let heldBytes = 0;
      let sinceMs = 0;
      let released = false;
      const flush = (): void => {
        if (heldBytes === 0) return;
        const clump = Buffer.concat(held);
        held = [];
        heldBytes = 0;
        strike.held("downstream", -clump.length);
        next.write(clump);
      };
      return {
        write: (bytes) => {
          if (released) {
            next.write(bytes);
            return;
          }
          if (heldBytes === 0) sinceMs = context.now();
          else strike.hit();
          held.push(bytes);
          heldBytes += bytes.length;
          strike.held("downstream", bytes.length);
          if (heldBytes >= limit) flush();
        },
        end: () => {
          if (heldBytes > 0 && context.now() - sinceMs > NOTICEABLE_MS) strike.hit();
          flush();
          next.end();
        },
        release: () => {
          released = true;
          flush();
        },
      };
    },
  }),
});
