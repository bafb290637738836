/** What is kept back of an answer until the strikes let its first byte go, in order. */
export class FirstByteHold {
  private actions: (() => void)[] | null = null;
  private readonly held: (bytes: number) => void;

  /** `held`: more or fewer bytes are kept back. */
  constructor(held: (bytes: number) => void) {
    this.held = held;
  }

  get isHolding(): boolean {
    return this.actions !== null;
  }

  /**
   * Begins when all `holds` are over, then lets go of what came meanwhile; does nothing where it was dropped before, or is
   * not wanted any more.
   */
  async until(holds: readonly Promise<unknown>[], wanted: () => boolean, begin: () => void): Promise<void> {
    const actions: (() => void)[] = [];
    this.actions = actions;
    await Promise.all(holds);
    if (this.actions !== actions || !wanted()) return;
    this.actions = null;
    begin();
    for (const action of actions) action();
  }

  /** Nothing of that answer is of interest any more. */
  drop(): void {
    this.actions = null;
  }

  /** Runs `action`, which passes on so many bytes, now or when the hold is over. */
  perform(bytes: number, action: () => void): void {
    if (this.actions === null) {
      action();
      return;
    }
    this.held(bytes);
    this.actions.push(() => {
      this.held(-bytes);
      action();
    });
  }
}
