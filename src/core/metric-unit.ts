/** What a figure is counted in. Shares 0..1, times ms. */
export type MetricUnit = "ms" | "share" | "ratio" | "count" | "bytes" | "bytes/s";
