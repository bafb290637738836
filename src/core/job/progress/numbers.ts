/** Steps and losses as training code writes them. Both readers take anything, and answer null where it is neither. */

/** Steps beyond it are no steps: no trainer counts further, and a 32-bit counter that ran over shows as one. */
const LARGEST_STEP = 2 ** 31 - 1;

export const isStep = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= LARGEST_STEP;

/** @param text decimal digits alone */
export const stepOf = (text: string | null | undefined): number | null => {
  if (text == null || !/^\d{1,10}$/.test(text)) return null;
  const step = Number(text);
  return isStep(step) ? step : null;
};

const FINITE = /^[+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,4})?$/;
/** Lightning pads what it prints to five characters: `nan.0`, `-inf.`. */
const NOT_A_NUMBER = /^[+-]?nan(?:\(\w{0,20}\))?\.?0{0,3}$/i;
const INFINITE = /^([+-]?)inf(?:inity)?\.?0{0,3}$/i;

/** A number as Python, C or JavaScript print it; NaN and infinity as those of JavaScript. What punctuates a sentence is passed over. */
export const lossOf = (text: string | null | undefined): number | null => {
  if (text == null) return null;
  const bare = text.replace(/^['"]/, "").replace(/['",;|)\]}]{1,3}$/, "");
  if (FINITE.test(bare)) return Number(bare);
  if (NOT_A_NUMBER.test(bare)) return Number.NaN;
  const infinite = INFINITE.exec(bare);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return null;
};
