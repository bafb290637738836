/** Where a run's own files are, told below a report. */
export interface ReportFiles {
  /** The page that people look at. */
  readonly page?: string;
  /** In which a failed run is told; absent: there is none. */
  readonly postmortem?: string;
}

/** "Report: .squall/.../report.html", a line each. */
export const fileLines = ({ page, postmortem }: ReportFiles): readonly string[] => [
  ...(page === undefined ? [] : [`Report: ${page}`]),
  ...(postmortem === undefined ? [] : [`Post-mortem: ${postmortem}`]),
];
