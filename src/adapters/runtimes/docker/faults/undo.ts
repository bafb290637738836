/** What a fault did so far, each step with its way back. */
export class Undo {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Last first. A step that fails stays, so that the next call tries it again; those before it are undone all the same. */
  async all(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      await step().catch((error: unknown) => {
        errors.push(error);
        this.#steps.unshift(step);
      });
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Strikes; where that fails, what was done until then is undone before the error goes on. */
export const strikeOrUndo = async <T>(strike: (undo: Undo) => Promise<T>): Promise<T> => {
  const undo = new Undo();
  try {
    return await strike(undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
};
