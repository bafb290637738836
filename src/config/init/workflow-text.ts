/**
 * A GitHub Actions workflow. Base and head are measured in one job on one machine, so that no store is needed to begin
 * with; the base's run is the baseline. Nothing of the repository's content is written into it.
 */
export const workflowText = (needs: { readonly node: boolean; readonly python: boolean }): string =>
  [
    "# Written by `squall init`. Set the repository variable SQUALL_REPOSITORY to owner/name of squall.",
    "name: squall",
    "on:",
    "  pull_request:",
    "permissions:",
    "  contents: read",
    "jobs:",
    "  # A required check is this job's name: keep it.",
    "  resilience:",
    "    runs-on: ubuntu-latest",
    "    timeout-minutes: 20",
    "    steps:",
    "      - uses: actions/checkout@v4",
    "        with: { path: head }",
    "      - uses: actions/checkout@v4",
    '        with: { path: base, ref: "${{ github.event.pull_request.base.sha }}" }',
    "      - uses: actions/checkout@v4",
    '        with: { path: squall, repository: "${{ vars.SQUALL_REPOSITORY }}" }',
    "      - uses: actions/setup-node@v4",
    "        with: { node-version: 24 }",
    ...(needs.node
      ? [
          "      - run: npm ci",
          "        working-directory: head",
          "      - run: npm ci",
          "        working-directory: base",
        ]
      : []),
    ...(needs.python
      ? [
          "      - uses: actions/setup-python@v5",
          '        with: { python-version: "3.x" }',
          "      - run: if [ -f requirements.txt ]; then pip install -r requirements.txt; else pip install .; fi",
          "        working-directory: head",
        ]
      : []),
    "      # The suite of the pull request measures both, so that they are comparable.",
    "      - run: cp head/squall.yml base/squall.yml && mkdir -p base/chaos && cp head/chaos/requests.jsonl base/chaos/requests.jsonl",
    "      - run: node ../squall/dist/squall.mjs baseline --baseline ../baselines",
    "        working-directory: base",
    "      - run: node ../squall/dist/squall.mjs run --baseline ../baselines",
    "        working-directory: head",
    "      - if: always()",
    '        run: node ../squall/dist/squall.mjs report --format markdown >> "$GITHUB_STEP_SUMMARY"',
    "        working-directory: head",
    "      - if: always()",
    "        uses: actions/upload-artifact@v4",
    '        with: { name: "squall-${{ github.run_attempt }}", path: head/.squall, include-hidden-files: true }',
    "",
  ].join("\n");
