/** Each figure is predicted from the seconds before it by a model of calm; what no prediction comes near is an anomaly. */

import { medianOf } from "../statistics/quantile.ts";
import { type ArmaModel, firstState, fitArma, innovations, nextState } from "./arma-model.ts";
import { type Detector, runs } from "./detector.ts";
import { CHANNELS, type FeatureTable, MAD_TO_SIGMA, rowsLabelled } from "./features.ts";

const DEVIATIONS = 6;
/** Calm seconds a figure's model is fitted to: more change nothing but the time it takes. */
const MOST_SECONDS = 600;

interface ChannelModel {
  readonly model: ArmaModel;
  /** Of prediction errors in calm: their MAD as a standard deviation, at least 1 (z is in units of the least scale). */
  readonly scale: number;
}

/** Values of the rows, in pieces that adjoin. */
const piecesOf = ({ z, follows }: FeatureTable, rows: readonly number[], channel: number): number[][] => {
  const pieces: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const value = z[row]?.[channel] ?? 0;
    if (row === last + 1 && follows[row] === true) pieces.at(-1)?.push(value);
    else pieces.push([value]);
    last = row;
  }
  return pieces;
};

const newest = (pieces: readonly number[][]): number[][] => {
  const kept: number[][] = [];
  let seconds = 0;
  for (const piece of pieces.toReversed()) {
    if (seconds + piece.length > MOST_SECONDS) break;
    kept.unshift(piece);
    seconds += piece.length;
  }
  return kept;
};

const channelModel = (own: FeatureTable, earlier: readonly FeatureTable[], channel: number): ChannelModel => {
  const pieces = newest([
    ...earlier.flatMap((table) => piecesOf(table, rowsLabelled(table, "calm"), channel)),
    ...piecesOf(own, own.reference, channel),
  ]);
  const model = fitArma(pieces);
  const errors = pieces.flatMap((piece) => innovations(model, piece)).map(Math.abs);
  return { model, scale: Math.max(1, MAD_TO_SIGMA * (medianOf(errors) ?? 0)) };
};

/** The model is frozen on an anomaly: it goes on from what it expected, so that a fault which lasts does not become usual. */
const anomaliesOf = (
  table: FeatureTable,
  channel: number,
  { model, scale }: ChannelModel,
): readonly boolean[] => {
  let state = firstState(model);
  return table.z.map((row, index) => {
    if (table.follows[index] !== true) state = firstState(model);
    const value = row[channel] ?? 0;
    const isAnomaly = Math.abs(value - state.predicted) > DEVIATIONS * scale;
    state = nextState(model, state, isAnomaly ? state.predicted : value);
    return isAnomaly;
  });
};

export const arma: Detector = ({ own, earlier }) => {
  const columns = CHANNELS.map((_, channel) =>
    anomaliesOf(own, channel, channelModel(own, earlier, channel)),
  );
  const from = earlier.length === 0 ? "the run's first calm seconds" : `calm of ${runs(earlier.length)}`;
  return {
    form: `ARMA(1,1) of ${from}, k = ${DEVIATIONS}`,
    anomalies: own.z.map((_, row) => columns.some((column) => column[row] === true)),
  };
};
