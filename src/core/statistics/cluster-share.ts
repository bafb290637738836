/** Shares of rows that come in blocks (windows): how much more they vary than independent rows would. */

/** Rows with the property (`k`) among the rows (`n`) of one block. */
export interface BlockCount {
  readonly k: number;
  readonly n: number;
}

export interface ClusterShare {
  readonly share: number;
  readonly n: number;
  readonly blocks: number;
  /** Variance of the share from the spread between blocks; 0 with fewer than two blocks. */
  readonly clusterVariance: number;
  /** share (1 - share) / n. */
  readonly binomialVariance: number;
}

/** Ratio estimator of a share over blocks, with its linearised variance (Cochran 1977, 11.8). */
export const clusterShare = (counts: readonly BlockCount[]): ClusterShare => {
  const blocks = counts.length;
  let k = 0;
  let n = 0;
  for (const count of counts) {
    k += count.k;
    n += count.n;
  }
  const share = n === 0 ? 0 : k / n;
  let squares = 0;
  for (const count of counts) squares += (count.k - count.n * share) ** 2;
  return {
    share,
    n,
    blocks,
    clusterVariance: blocks < 2 || n === 0 ? 0 : ((blocks / (blocks - 1)) * squares) / n ** 2,
    binomialVariance: n === 0 ? 0 : (share * (1 - share)) / n,
  };
};

/**
 * One design effect for several samples: the sum of their cluster variances (in counts) over the sum of their binomial
 * ones, held in [`least`, `most`]. `least` where nothing varies.
 */
export const pooledShareDesignEffect = (
  samples: readonly ClusterShare[],
  least: number,
  most: number,
): number => {
  let cluster = 0;
  let binomial = 0;
  for (const sample of samples) {
    if (sample.blocks < 2) continue;
    cluster += sample.clusterVariance * sample.n ** 2;
    binomial += sample.binomialVariance * sample.n ** 2;
  }
  return binomial === 0 ? least : Math.min(most, Math.max(least, cluster / binomial));
};

/** Counts by block of rows with a property; a row of which it is null is not counted at all. */
export const countByBlock = <Row extends { readonly block: number }>(
  rows: readonly Row[],
  has: (row: Row, index: number) => boolean | null,
): readonly BlockCount[] => {
  const counts = new Map<number, { k: number; n: number }>();
  let last: { k: number; n: number } | undefined;
  let lastBlock = Number.NaN;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as Row;
    const found = has(row, index);
    if (found === null) continue;
    // Rows of one block mostly follow each other.
    if (last === undefined || row.block !== lastBlock) {
      last = counts.get(row.block) ?? { k: 0, n: 0 };
      counts.set(row.block, last);
      lastBlock = row.block;
    }
    last.n += 1;
    if (found) last.k += 1;
  }
  return [...counts.values()];
};
