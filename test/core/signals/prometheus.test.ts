import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { sumSeries } from "../../../src/core/signals/prometheus.ts";

/** The example of the format's own page (https://prometheus.io/docs/instrumenting/exposition_formats/), whole. */
const EXAMPLE = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="0.2"} 100392
http_request_duration_seconds_bucket{le="0.5"} 129389
http_request_duration_seconds_bucket{le="1"} 133988
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.05"} 3272
rpc_duration_seconds{quantile="0.5"} 4773
rpc_duration_seconds{quantile="0.9"} 9001
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;

const sumOf = (text: string, metric: string, labels: Readonly<Record<string, string>> = {}) =>
  sumSeries(text, [{ metric, labels }])[0];

describe("the sum of series", () => {
  test.each([
    ["http_requests_total", {}, 1030, 2],
    ["http_requests_total", { code: "400" }, 3, 1],
    ["http_requests_total", { code: "400", method: "post" }, 3, 1],
    ["http_requests_total", { code: "500" }, null, 0],
    ["http_requests", {}, null, 0],
    [
      "msdos_file_access_time_seconds",
      { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' },
      1.458255915e9,
      1,
    ],
    ["metric_without_timestamp_and_labels", {}, 12.47, 1],
    ["something_weird", {}, null, 1],
    ["http_request_duration_seconds_count", {}, 144320, 1],
    ["http_request_duration_seconds_bucket", { le: "+Inf" }, 144320, 1],
    ["rpc_duration_seconds_sum", {}, 1.7560473e7, 1],
    ["rpc_duration_seconds", { quantile: "0.5" }, 4773, 1],
    ["HELP", {}, null, 0],
  ])("in the format's own example: %s %o is %s", (metric, labels, sum, series) => {
    expect(sumOf(EXAMPLE, metric, labels as Readonly<Record<string, string>>)).toEqual({ sum, series });
  });

  test("takes OpenMetrics' exemplars, a comma at the end, blanks anywhere, and lines that end as on Windows", () => {
    const text = [
      'a_total{x="1",} 2 # {trace_id="KOO5S4vxi0o"} 0.67',
      '  a_total { x = "1" , y="}" } 3',
      "\ta_total\t4\r",
      "# EOF",
    ].join("\n");
    expect(sumOf(text, "a_total")).toEqual({ sum: 9, series: 3 });
    expect(sumOf(text, "a_total", { x: "1" })).toEqual({ sum: 5, series: 2 });
    expect(sumOf(text, "a_total", { y: "" })).toEqual({ sum: 6, series: 2 });
  });

  test("answers several questions in one pass, of one name or of several", () => {
    const queries = [
      { metric: "a", labels: {} },
      { metric: "b", labels: {} },
      { metric: "a", labels: { x: "2" } },
    ];
    expect(sumSeries('a{x="1"} 1\nb 5\na{x="2"} 2', queries).map(({ sum }) => sum)).toEqual([3, 5, 2]);
  });

  test.each([
    "a NaN",
    "a -Inf",
    "a 1_000",
    "a 0x10",
    "a",
    "a {",
    'a{x="1} 2',
    'a{x="1\\',
    "a{x=1} 2",
    'a{"x"="1"} 2',
    'a{x="1" y="2"} 2',
    "a 1e999",
  ])("is none where a line is garbage: %j", (line) => {
    expect(sumOf(`a 1\n${line}\na 2`, "a")).toEqual({ sum: null, series: 3 });
  });

  test("comes back from any text, and is a finite number or none", () => {
    const piece = constantFrom(
      "a",
      "a{",
      'x="',
      '"',
      "\\",
      "\n",
      "}",
      " ",
      ",",
      "=",
      "1",
      "NaN",
      "#",
      "\r",
      "\t",
      "1e308",
    );
    assert(
      property(array(piece, { maxLength: 60 }), string({ unit: "binary" }), (pieces, tail) => {
        const { sum = Number.NaN, series = -1 } = sumOf(pieces.join("") + tail, "a", { x: "1" }) ?? {};
        expect(sum === null || Number.isFinite(sum)).toBe(true);
        expect(series).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test("finds what was written, whatever the label's value", () => {
    const written = (value: string): string =>
      value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    assert(
      property(string({ unit: "binary" }), (value) => {
        const text = `a{x="${written(value)}"} 7\n`;
        expect(sumOf(text, "a", { x: value })).toEqual({ sum: 7, series: 1 });
        expect(sumOf(text, "a", { x: `${value}!` })).toEqual({ sum: null, series: 0 });
      }),
    );
  });
});
