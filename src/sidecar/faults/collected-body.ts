import type { BodySink, BodyStage } from "./fault.ts";

/** A body beyond this passes as it is: what has to be parsed has to be held. */
export const MAX_COLLECTED_BYTES = 4 * 1024 * 1024;

/**
 * Holds a body until it is whole, then passes on what `edit` makes of it: another body, or null for the body as it came.
 * `edit` may take its time. When cleared, the body passes unedited.
 */
export const collectedBody = (
  next: BodySink,
  edit: (body: Buffer) => Buffer | null | Promise<Buffer | null>,
): BodyStage => {
  let held: Buffer[] | null = [];
  let heldBytes = 0;
  let ended = false;
  let finished = false;
  const pass = (): void => {
    for (const bytes of held ?? []) next.write(bytes);
    held = null;
  };
  const finish = (edited: Buffer | null): void => {
    if (finished) return;
    finished = true;
    if (edited === null) pass();
    else if (edited.length > 0) next.write(edited);
    held = null;
    next.end();
  };
  return {
    write: (bytes) => {
      if (held === null) {
        next.write(bytes);
        return;
      }
      held.push(bytes);
      heldBytes += bytes.length;
      if (heldBytes > MAX_COLLECTED_BYTES) pass();
    },
    end: () => {
      ended = true;
      if (held === null) {
        finish(null);
        return;
      }
      const edited = edit(Buffer.concat(held));
      if (edited instanceof Promise) void edited.then(finish);
      else finish(edited);
    },
    release: () => {
      if (ended) finish(null);
      else pass();
    },
  };
};

/** As above for JSON: `edit` changes the value in place and says whether it did. What is no JSON passes as it is. */
export const editedJson = (next: BodySink, edit: (value: unknown) => boolean): BodyStage =>
  collectedBody(next, (body) => {
    try {
      const value = JSON.parse(body.toString("utf8")) as unknown;
      return edit(value) ? Buffer.from(JSON.stringify(value)) : null;
    } catch {
      return null;
    }
  });
