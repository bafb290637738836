/** What a figure is counted in. Shares 0..1, times ms. */
export const METRIC_UNITS = ["ms", "share", "ratio", "count", "bytes", "bytes/s"] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];
