import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fitArma, innovations } from "../../../src/core/detect/arma-model.ts";
import { forestScore, growForest } from "../../../src/core/detect/forest/forest.ts";
import { growTree, rankRows, treeScore } from "../../../src/core/detect/forest/tree.ts";
import { decision, gammaScale, oneClass, twoClass } from "../../../src/core/detect/svm/machines.ts";
import { randomFor } from "../../../src/core/random.ts";

/** Made by reference/make_reference.py with scikit-learn 1.9.1 and statsmodels 0.15.0. */
const read = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, "reference", name), "utf8"));

const rowsOf = (values: readonly (readonly number[])[]): Float64Array[] =>
  values.map((row) => Float64Array.from(row));

const largest = (values: readonly number[], expected: readonly number[]): number => {
  expect(values).toHaveLength(expected.length);
  return Math.max(...values.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN))));
};

/** LIBSVM keeps its kernel in single precision: with C = 10 that is seen in the sixth digit. */
const LIBSVM_TOLERANCE = 1e-5;

interface Svm {
  readonly calm: number[][];
  readonly fault: number[][];
  readonly points: number[][];
  readonly oneClass: readonly { nu: number; gamma: number; support: number; decision: number[] }[];
  readonly fewRows: number;
  readonly few: number[];
  readonly twoClass: readonly { c: number; gamma: number; support: number; decision: number[] }[];
  readonly gammaScale: number;
}

describe("support vector machines decide as scikit-learn's", () => {
  const reference = read("svm.json") as Svm;
  const calm = rowsOf(reference.calm);
  const fault = rowsOf(reference.fault);
  const points = rowsOf(reference.points);

  it.each(reference.oneClass)(
    "one class, nu $nu, gamma $gamma",
    ({ nu, gamma, support, decision: expected }) => {
      const machine = oneClass(calm, nu, gamma, 1e-9);
      const values = points.map((point) => decision(machine, point));
      expect(largest(values, expected)).toBeLessThan(LIBSVM_TOLERANCE);
      expect(machine.vectors).toHaveLength(support);
    },
  );

  it("one class of fewer than 1 / nu rows", () => {
    const machine = oneClass(calm.slice(0, reference.fewRows), 0.01, 0.25, 1e-9);
    const values = points.map((point) => decision(machine, point));
    expect(largest(values, reference.few)).toBeLessThan(LIBSVM_TOLERANCE);
  });

  it.each(reference.twoClass)(
    "two balanced classes, C $c, gamma $gamma",
    ({ c, gamma, support, decision: expected }) => {
      const machine = twoClass(calm, fault, c, gamma, 1e-9);
      const values = points.map((point) => decision(machine, point));
      expect(largest(values, expected)).toBeLessThan(LIBSVM_TOLERANCE);
      expect(machine.vectors).toHaveLength(support);
    },
  );

  it("scales gamma by the variance of all values", () => {
    expect(gammaScale([...calm, ...fault])).toBeCloseTo(reference.gammaScale, 12);
  });

  it("survives rows that are all the same", () => {
    const same = rowsOf(Array.from({ length: 20 }, () => [1, 2]));
    const machine = oneClass(same, 0.1, gammaScale(same));
    expect(decision(machine, Float64Array.of(1, 2))).toBeGreaterThanOrEqual(-1e-9);
    expect(decision(machine, Float64Array.of(9, 9))).toBeLessThan(0);
  });
});

interface Arma {
  readonly cases: readonly {
    values: number[];
    mean: number;
    phi: number;
    theta: number;
    variance: number;
    logLikelihood: number;
    residuals: number[];
  }[];
}

const { cases: armaCases } = read("arma.json") as Arma;

describe("ARMA(1,1) is fitted as by statsmodels", () => {
  it.each(armaCases)("phi $phi, theta $theta", (expected) => {
    const fitted = fitArma([expected.values], 1e-10);
    expect(Math.abs(fitted.logLikelihood - expected.logLikelihood)).toBeLessThan(1e-4);
    // Both stop on a flat top: parameters agree less than the likelihood.
    expect(Math.abs(fitted.mean - expected.mean)).toBeLessThan(5e-3);
    expect(Math.abs(fitted.phi - expected.phi)).toBeLessThan(5e-3);
    expect(Math.abs(fitted.theta - expected.theta)).toBeLessThan(5e-3);
    expect(Math.abs(fitted.variance / expected.variance - 1)).toBeLessThan(1e-3);
    expect(largest(innovations(expected, expected.values), expected.residuals)).toBeLessThan(1e-6);
    // What a detector asks for is less exact, and good enough.
    expect(fitArma([expected.values]).logLikelihood).toBeGreaterThan(expected.logLikelihood - 0.01);
  });

  it("knows nothing of one piece in the next", () => {
    const { values } = armaCases[0] ?? { values: [] };
    const piece = values.slice(0, 50);
    const once = fitArma([piece], 1e-10);
    const twice = fitArma([piece, piece], 1e-10);
    expect(twice.phi).toBeCloseTo(once.phi, 3);
    expect(twice.logLikelihood).toBeCloseTo(2 * once.logLikelihood, 4);
  });

  it("fits a series that never moves", () => {
    const { mean, variance } = fitArma([[3, 3, 3, 3, 3, 3]]);
    expect(mean).toBeCloseTo(3, 3);
    expect(variance).toBeLessThan(1e-6);
  });
});

interface Trees {
  readonly rows: number[][];
  readonly labels: number[];
  readonly single: readonly { depth: number; leastLeaf: number; scores: (number | null)[] }[];
  readonly forest: {
    oobAccuracy: number[];
    auc: number[];
    meanScores: number[];
    meanOobScores: number[];
    spread: number[];
    spreadOob: number[];
  };
}

const trees = read("trees.json") as Trees;
const rows = rowsOf(trees.rows);
const isTraining = (_: unknown, index: number): boolean => index % 2 === 0;
const isTest = (_: unknown, index: number): boolean => index % 2 === 1;
const training = rows.filter(isTraining);
const trainingLabels = Uint8Array.from(trees.labels.filter(isTraining));

describe("a tree without any draw scores as scikit-learn's", () => {
  it.each(trees.single)("depth $depth, at least $leastLeaf a leaf", ({ depth, leastLeaf, scores }) => {
    const weights = new Uint16Array(training.length).fill(1);
    const options = { depth, leastLeaf, features: 12 };
    const tree = growTree(rankRows(training, trainingLabels), weights, options, randomFor(1));
    const own = rows.filter(isTest).map((row) => treeScore(tree, row));
    // Null: scikit-learn draws between splits that are equally good, and its own trees differ there.
    const compared = scores.flatMap((score, index) => (score === null ? [] : [[own[index], score] as const]));
    expect(compared.length).toBeGreaterThan(0.8 * own.length);
    for (const [mine, theirs] of compared) expect(mine).toBeCloseTo(theirs, 12);
  });
});

it("a tree does not split between rows of one value", () => {
  // Cut after its first row, the first feature would tell the classes apart; but three rows share that value.
  const tied = rowsOf([
    [0, 0],
    [0, 1],
    [0, 1],
    [1, 1],
  ]);
  const options = { depth: 1, leastLeaf: 1, features: 2 };
  const tree = growTree(
    rankRows(tied, Uint8Array.of(1, 0, 0, 0)),
    new Uint16Array(4).fill(1),
    options,
    randomFor(1),
  );
  expect(tied.map((row) => treeScore(tree, row))).toEqual([1, 0, 0, 0]);
});

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const distance = (values: ArrayLike<number>, expected: readonly number[]): number =>
  Math.sqrt(mean(Array.from(values, (value, index) => (value - (expected[index] ?? 0)) ** 2)));

describe("a forest scores as scikit-learn's, as near as two of its own come to each other", () => {
  const seeds = [1, 2, 3, 4, 5];
  const forests = seeds.map((seed) => growForest(training, trainingLabels, { trees: 100, depth: 8, seed }));
  const { forest } = trees;

  it("on rows it has not seen", () => {
    for (const grown of forests) {
      const scores = rows.filter(isTest).map((row) => forestScore(grown, row));
      expect(distance(scores, forest.meanScores)).toBeLessThan(1.25 * Math.max(...forest.spread));
    }
  });

  it("out of bag", () => {
    for (const { outOfBag } of forests)
      expect(distance(outOfBag, forest.meanOobScores)).toBeLessThan(1.25 * Math.max(...forest.spreadOob));
  });

  it("with the same share of rows right out of bag", () => {
    const accuracies = forests.map(({ outOfBag }) =>
      mean(outOfBag.map((score, row) => (score > 0.5 === (trainingLabels[row] === 1) ? 1 : 0))),
    );
    expect(mean(accuracies)).toBeGreaterThan(Math.min(...forest.oobAccuracy) - 1e-9);
    expect(mean(accuracies)).toBeLessThan(Math.max(...forest.oobAccuracy) + 1e-9);
  });

  it("the same for the same seed, and another for another", () => {
    const again = growForest(training, trainingLabels, { trees: 100, depth: 8, seed: 1 });
    expect(again.outOfBag).toEqual(forests[0]?.outOfBag);
    expect(again.outOfBag).not.toEqual(forests[1]?.outOfBag);
  });
});
