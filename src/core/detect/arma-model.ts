/**
 * ARMA(1,1) around a mean, by exact Gaussian likelihood, over pieces of a series that know nothing of each other.
 *
 *   x_t = mean + y_t,  y_t = phi y_(t-1) + e_t + theta e_(t-1),  e_t ~ N(0, variance)
 *
 * One-step predictions by the innovations algorithm (Brockwell & Davis, Introduction to Time Series and Forecasting, 3rd ed., 2.5).
 */

export interface ArmaModel {
  readonly mean: number;
  /** -1 .. 1 */
  readonly phi: number;
  readonly theta: number;
  readonly variance: number;
}

/** What is known of the next value: its prediction, and how much wider than `variance` its error is. */
export interface ArmaState {
  readonly predicted: number;
  readonly ratio: number;
}

type Shape = Pick<ArmaModel, "mean" | "phi" | "theta">;

/** Before the first value of a piece: the stationary distribution. */
export const firstState = ({ mean, phi, theta }: Shape): ArmaState => ({
  predicted: mean,
  ratio: (1 + 2 * phi * theta + theta * theta) / (1 - phi * phi),
});

export const nextState = ({ mean, phi, theta }: Shape, state: ArmaState, value: number): ArmaState => ({
  predicted: mean + phi * (value - mean) + (theta / state.ratio) * (value - state.predicted),
  ratio: 1 + theta * theta - (theta * theta) / state.ratio,
});

/** Errors of one-step predictions, piece by piece. */
export const innovations = (model: Shape, piece: readonly number[]): readonly number[] => {
  let state = firstState(model);
  return piece.map((value) => {
    const error = value - state.predicted;
    state = nextState(model, state, value);
    return error;
  });
};

interface Likelihood {
  readonly variance: number;
  readonly logLikelihood: number;
}

/** The variance is that which makes the likelihood greatest, given the rest. */
const likelihoodOf = (model: Shape, pieces: readonly (readonly number[])[]): Likelihood => {
  let squares = 0;
  let logRatios = 0;
  let count = 0;
  for (const piece of pieces) {
    let state = firstState(model);
    for (const value of piece) {
      squares += (value - state.predicted) ** 2 / state.ratio;
      logRatios += Math.log(state.ratio);
      count += 1;
      state = nextState(model, state, value);
    }
  }
  const variance = Math.max(1e-12, squares / Math.max(1, count));
  return {
    variance,
    logLikelihood: -0.5 * (count * (Math.log(2 * Math.PI * variance) + 1) + logRatios),
  };
};

/** Stationary and invertible, whatever the search tries. */
const shapeOf = (point: readonly number[]): Shape => ({
  mean: point[0] ?? 0,
  phi: Math.tanh(point[1] ?? 0),
  theta: Math.tanh(point[2] ?? 0),
});

interface Vertex {
  readonly point: readonly number[];
  readonly cost: number;
}

const STEPS = 400;

/** Least cost from `start` on (Nelder & Mead 1965, with its usual coefficients). */
const leastCost = (
  cost: (point: readonly number[]) => number,
  start: readonly number[],
  sizes: readonly number[],
  tolerance: number,
): readonly number[] => {
  const vertex = (point: readonly number[]): Vertex => ({ point, cost: cost(point) });
  const corners = sizes.map((size, axis) =>
    start.map((value, index) => (index === axis ? value + size : value)),
  );
  let simplex = [start, ...corners].map(vertex);
  for (let step = 0; step < STEPS; step++) {
    simplex.sort((a, b) => a.cost - b.cost);
    const best = simplex[0] as Vertex;
    const worst = simplex.at(-1) as Vertex;
    if (worst.cost - best.cost < tolerance) break;
    const others = simplex.slice(0, -1);
    const middle = start.map(
      (_, axis) => others.reduce((sum, { point }) => sum + (point[axis] ?? 0), 0) / others.length,
    );
    const along = (times: number): Vertex =>
      vertex(middle.map((value, axis) => value + times * ((worst.point[axis] ?? 0) - value)));
    const reflected = along(-1);
    let taken: Vertex | null = reflected;
    if (reflected.cost < best.cost) {
      const expanded = along(-2);
      if (expanded.cost < reflected.cost) taken = expanded;
    } else if (reflected.cost >= (others.at(-1)?.cost ?? 0)) {
      const contracted = along(reflected.cost < worst.cost ? -0.5 : 0.5);
      taken = contracted.cost < Math.min(reflected.cost, worst.cost) ? contracted : null;
    }
    simplex =
      taken === null
        ? [
            best,
            ...simplex
              .slice(1)
              .map(({ point }) => vertex(point.map((value, axis) => ((best.point[axis] ?? 0) + value) / 2))),
          ]
        : [...others, taken];
  }
  return (simplex.toSorted((a, b) => a.cost - b.cost)[0] as Vertex).point;
};

/** A flat likelihood has more than one top: the search starts from these (phi, theta). */
const STARTS: readonly (readonly [number, number])[] = [
  [0.1, 0.1],
  [0.8, -0.4],
  [-0.5, 0.3],
];

/** The model under which the pieces are likeliest. */
export const fitArma = (
  pieces: readonly (readonly number[])[],
  tolerance = 1e-4,
): ArmaModel & { readonly logLikelihood: number } => {
  const values = pieces.flat();
  const middle = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const spread = Math.sqrt(
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length),
  );
  const cost = (point: readonly number[]): number => {
    // Beyond, a parameter is 1 but for rounding, and the likelihood is not finite.
    const beyond = Math.max(0, Math.abs(point[1] ?? 0) - 4) + Math.max(0, Math.abs(point[2] ?? 0) - 4);
    return beyond > 0 ? 1e12 * (1 + beyond) : -likelihoodOf(shapeOf(point), pieces).logLikelihood;
  };
  const found = STARTS.map(([phi, theta]) =>
    leastCost(
      cost,
      [middle, Math.atanh(phi), Math.atanh(theta)],
      [Math.max(1e-3, spread / 2), 0.3, 0.3],
      tolerance,
    ),
  );
  const best = found.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  const shape = shapeOf(best);
  return { ...shape, ...likelihoodOf(shape, pieces) };
};
