import type { LiveStrike } from "../strike.ts";

/** Runs `end`, which passes a FIN on, now, or as late as the first strike that wants it late says. */
export const endLate = (strikes: readonly LiveStrike[], end: () => void): void => {
  for (const strike of strikes) {
    const delayMs = strike.over ? 0 : (strike.hooks.delayClose?.() ?? 0);
    if (delayMs <= 0) continue;
    let done = false;
    const once = (): void => {
      if (!done) end();
      done = true;
    };
    strike.after(delayMs, once);
    strike.onClear(once);
    return;
  }
  end();
};
