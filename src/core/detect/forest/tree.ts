/** A classification tree of two classes by Gini impurity (Breiman, Friedman, Olshen & Stone 1984), in scikit-learn's terms. */
import type { Random } from "../../random.ts";

export type Rows = readonly Float64Array[];

export interface TreeOptions {
  readonly depth: number;
  /** Fewest rows on either side of a split. */
  readonly leastLeaf: number;
  /** Features that are tried at each split, drawn anew; all of them: nothing is drawn. */
  readonly features: number;
}

/** Flat: node n goes left where its feature is at most its threshold; feature -1 is a leaf. */
export interface Tree {
  readonly feature: Int16Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Share of the second class among the node's rows. */
  readonly score: Float64Array;
}

/** Rows as ranks, so that every sort of every tree is one of whole numbers. */
export interface RankedRows {
  readonly count: number;
  /** For each feature its distinct values, ascending, and each row's place among them. */
  readonly values: readonly Float64Array[];
  readonly ranks: readonly Uint16Array[];
  /** 0 or 1. */
  readonly labels: Uint8Array;
}

/** A rank and a row's number share one 32 bit word. */
export const MOST_ROWS = 65_535;

/** @throws RangeError beyond MOST_ROWS rows */
export const rankRows = (rows: Rows, labels: Uint8Array): RankedRows => {
  if (rows.length > MOST_ROWS) throw new RangeError(`${rows.length} rows are more than ${MOST_ROWS}`);
  const features = Array.from({ length: rows[0]?.length ?? 0 }, (_, feature) => {
    const own = Float64Array.from(rows, (row) => row[feature] as number);
    const distinct = own.toSorted().filter((value, index, all) => index === 0 || value !== all[index - 1]);
    const places = new Map(Array.from(distinct, (value, place) => [value, place]));
    return { distinct, ranks: Uint16Array.from(own, (value) => places.get(value) ?? 0) };
  });
  return {
    count: rows.length,
    values: features.map(({ distinct }) => distinct),
    ranks: features.map(({ ranks }) => ranks),
    labels,
  };
};

interface Split {
  readonly feature: number;
  /** The last rank that goes left, and the first that goes right. */
  readonly low: number;
  readonly high: number;
}

/** What a node's rows weigh: of both classes, and of the second. */
interface Weight {
  readonly all: number;
  readonly ones: number;
}

/** Up to so many keys the plainest sort is the quickest. */
const FEW = 32;

const insertionSorted = (keys: Uint32Array): Uint32Array => {
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as number;
    let place = index - 1;
    for (; place >= 0 && (keys[place] as number) > key; place--) keys[place + 1] = keys[place] as number;
    keys[place + 1] = key;
  }
  return keys;
};

class Growth {
  readonly #rows: RankedRows;
  readonly #weights: Uint16Array;
  readonly #options: TreeOptions;
  readonly #random: Random;
  /** Rows in use, those of one node side by side. */
  readonly #order: Uint32Array;
  readonly #keys: Uint32Array;
  readonly #places: Uint32Array;
  readonly #features: Uint16Array;
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #score: number[] = [];

  constructor(rows: RankedRows, weights: Uint16Array, options: TreeOptions, random: Random) {
    this.#rows = rows;
    this.#weights = weights;
    this.#options = options;
    this.#random = random;
    const used: number[] = [];
    for (let row = 0; row < rows.count; row++) if (weights[row] !== 0) used.push(row);
    this.#order = Uint32Array.from(used);
    this.#keys = new Uint32Array(used.length);
    this.#places = new Uint32Array(rows.count + 1);
    this.#features = Uint16Array.from(rows.ranks, (_, feature) => feature);
  }

  grow(): Tree {
    this.#node(0, this.#order.length, 0);
    return {
      feature: Int16Array.from(this.#feature),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      score: Float64Array.from(this.#score),
    };
  }

  /** @returns the node's number */
  #node(from: number, to: number, depth: number): number {
    const node = this.#feature.length;
    const weight = this.#weigh(from, to);
    this.#feature.push(-1);
    this.#threshold.push(0);
    this.#left.push(-1);
    this.#right.push(-1);
    this.#score.push(weight.all === 0 ? 0 : weight.ones / weight.all);
    if (depth >= this.#options.depth || weight.ones === 0 || weight.ones === weight.all) return node;
    const split = this.#split(from, to, weight);
    if (split === null) return node;
    const middle = this.#partition(from, to, split);
    const values = this.#rows.values[split.feature] as Float64Array;
    this.#feature[node] = split.feature;
    this.#threshold[node] = ((values[split.low] as number) + (values[split.high] as number)) / 2;
    this.#left[node] = this.#node(from, middle, depth + 1);
    this.#right[node] = this.#node(middle, to, depth + 1);
    return node;
  }

  #weigh(from: number, to: number): Weight {
    let all = 0;
    let ones = 0;
    for (let place = from; place < to; place++) {
      const row = this.#order[place] as number;
      const weight = this.#weights[row] as number;
      all += weight;
      if (this.#rows.labels[row] === 1) ones += weight;
    }
    return { all, ones };
  }

  /** Features that do not vary here do not count as tried. */
  #split(from: number, to: number, weight: Weight): Split | null {
    const features = this.#features;
    const { length } = features;
    const isDrawn = this.#options.features < length;
    let best: Split | null = null;
    let bestGain = Number.NEGATIVE_INFINITY;
    let tried = 0;
    for (let index = 0; index < length && tried < this.#options.features; index++) {
      const other = isDrawn ? index + this.#random.below(length - index) : index;
      const feature = features[other] as number;
      features[other] = features[index] as number;
      features[index] = feature;
      const sorted = this.#sorted(from, to, feature);
      if ((sorted[0] as number) >>> 16 === (sorted.at(-1) as number) >>> 16) continue;
      tried += 1;
      const found = this.#bestOf(sorted, feature, weight);
      if (found === null || found.gain <= bestGain) continue;
      best = found.split;
      bestGain = found.gain;
    }
    return best;
  }

  /** Rank and row in one word, ascending: counted where the node holds a good part of all rows, else sorted. */
  #sorted(from: number, to: number, feature: number): Uint32Array {
    const ranks = this.#rows.ranks[feature] as Uint16Array;
    const order = this.#order;
    const keys = this.#keys.subarray(0, to - from);
    const distinct = (this.#rows.values[feature] as Float64Array).length;
    if (4 * keys.length >= distinct) return this.#counted(from, to, ranks, distinct, keys);
    for (let place = from; place < to; place++) {
      const row = order[place] as number;
      keys[place - from] = (((ranks[row] as number) << 16) | row) >>> 0;
    }
    return keys.length > FEW ? keys.sort() : insertionSorted(keys);
  }

  #counted(from: number, to: number, ranks: Uint16Array, distinct: number, keys: Uint32Array): Uint32Array {
    const order = this.#order;
    const next = this.#places.subarray(0, distinct + 1).fill(0);
    for (let place = from; place < to; place++) {
      const after = (ranks[order[place] as number] as number) + 1;
      next[after] = (next[after] as number) + 1;
    }
    for (let rank = 1; rank <= distinct; rank++)
      next[rank] = (next[rank] as number) + (next[rank - 1] as number);
    for (let place = from; place < to; place++) {
      const row = order[place] as number;
      const rank = ranks[row] as number;
      const at = next[rank] as number;
      next[rank] = at + 1;
      keys[at] = ((rank << 16) | row) >>> 0;
    }
    return keys;
  }

  /** Least weighted Gini impurity is the greatest sum of squares over weight. */
  #bestOf(sorted: Uint32Array, feature: number, weight: Weight): { split: Split; gain: number } | null {
    const { leastLeaf } = this.#options;
    const { labels } = this.#rows;
    let all = 0;
    let ones = 0;
    let bestGain = Number.NEGATIVE_INFINITY;
    let split: Split | null = null;
    for (let place = 0; place + 1 < sorted.length; place++) {
      const key = sorted[place] as number;
      const row = key & 0xffff;
      const own = this.#weights[row] as number;
      all += own;
      if (labels[row] === 1) ones += own;
      const low = key >>> 16;
      const high = (sorted[place + 1] as number) >>> 16;
      if (low === high || place + 1 < leastLeaf || sorted.length - place - 1 < leastLeaf) continue;
      const restAll = weight.all - all;
      const restOnes = weight.ones - ones;
      const gain =
        (ones * ones + (all - ones) ** 2) / all + (restOnes * restOnes + (restAll - restOnes) ** 2) / restAll;
      if (gain <= bestGain) continue;
      bestGain = gain;
      split = { feature, low, high };
    }
    return split === null ? null : { split, gain: bestGain };
  }

  #partition(from: number, to: number, { feature, low }: Split): number {
    const ranks = this.#rows.ranks[feature] as Uint16Array;
    const order = this.#order;
    let middle = from;
    for (let place = from; place < to; place++) {
      const row = order[place] as number;
      if ((ranks[row] as number) > low) continue;
      order[place] = order[middle] as number;
      order[middle++] = row;
    }
    return middle;
  }
}

/** @param weights how often each row counts; 0 leaves it out */
export const growTree = (
  rows: RankedRows,
  weights: Uint16Array,
  options: TreeOptions,
  random: Random,
): Tree => new Growth(rows, weights, options, random).grow();

/** Share of the second class, 0..1, in the leaf to which the row comes. */
export const treeScore = ({ feature, threshold, left, right, score }: Tree, row: Float64Array): number => {
  let node = 0;
  while ((feature[node] as number) >= 0)
    node = (
      (row[feature[node] as number] as number) <= (threshold[node] as number) ? left[node] : right[node]
    ) as number;
  return score[node] as number;
};
