/** A random forest (Breiman 2001) of two classes: trees of bootstrap samples, whose scores are averaged. */
import { randomFor } from "../../random.ts";
import { growTree, type Rows, rankRows, type Tree, treeScore } from "./tree.ts";

export interface ForestOptions {
  readonly trees: number;
  readonly depth: number;
  readonly seed: number;
}

export interface Forest {
  readonly trees: readonly Tree[];
  /** For each row the mean score of those trees that have not seen it; NaN: all have. */
  readonly outOfBag: Float64Array;
}

/** @param labels 0 or 1 for each row */
export const growForest = (rows: Rows, labels: Uint8Array, { trees, depth, seed }: ForestOptions): Forest => {
  const ranked = rankRows(rows, labels);
  const { length } = rows;
  const features = Math.max(1, Math.floor(Math.sqrt(rows[0]?.length ?? 1)));
  const sums = new Float64Array(length);
  const counts = new Uint16Array(length);
  const grown = Array.from({ length: trees }, (_, number) => {
    const random = randomFor(seed, "detect", "forest", number);
    const weights = new Uint16Array(length);
    for (let draw = 0; draw < length; draw++) {
      const row = random.below(length);
      weights[row] = (weights[row] as number) + 1;
    }
    const tree = growTree(ranked, weights, { depth, leastLeaf: 1, features }, random);
    for (const [row, values] of rows.entries()) {
      if (weights[row] !== 0) continue;
      sums[row] = (sums[row] as number) + treeScore(tree, values);
      counts[row] = (counts[row] as number) + 1;
    }
    return tree;
  });
  return { trees: grown, outOfBag: sums.map((sum, row) => sum / (counts[row] as number)) };
};

/** 0..1 */
export const forestScore = ({ trees }: Forest, row: Float64Array): number =>
  trees.reduce((sum, tree) => sum + treeScore(tree, row), 0) / Math.max(1, trees.length);
