/**
 * A GitHub Actions workflow: the gate on pull requests, the baseline on the default branch. Nothing of the repository's
 * content is written into it.
 */
export const workflowText = (needs: { readonly node: boolean; readonly python: boolean }): string =>
  [
    "# Written by `squall init`. Replace OWNER by where squall's repository is.",
    "name: squall",
    "on:",
    "  # Not on labels and edits, and no `paths:`: a job that is skipped counts as passed.",
    "  pull_request:",
    "  push: { branches: [main] }",
    "  merge_group:",
    "  workflow_dispatch:",
    "    inputs:",
    "      experiment: { description: experiments to measure, required: false }",
    "      seed: { description: seed of every random draw, required: false }",
    "      reference: { description: branch or commit to compare with, required: false }",
    "permissions: { contents: read }",
    "concurrency:",
    "  group: squall-${{ github.event_name }}-${{ github.event.pull_request.number || github.ref }}",
    "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
    "jobs:",
    "  # The required check is this job's name: keep it.",
    "  resilience:",
    "    runs-on: ubuntu-latest",
    "    timeout-minutes: 20",
    "    permissions:",
    "      contents: write # the data branch of baselines",
    "      pull-requests: write # the comment",
    "    steps:",
    "      - uses: actions/checkout@v5",
    "        with: { persist-credentials: false }",
    ...(needs.node
      ? ["      - uses: actions/setup-node@v5", "        with: { node-version: 24 }", "      - run: npm ci"]
      : []),
    ...(needs.python
      ? [
          "      - uses: actions/setup-python@v6",
          '        with: { python-version: "3.x" }',
          "      - run: if [ -f requirements.txt ]; then pip install -r requirements.txt; else pip install .; fi",
        ]
      : []),
    "      - uses: OWNER/squall@v1",
    "        with:",
    "          mode: ${{ github.event_name == 'push' && 'baseline' || 'gate' }}",
    "          experiments: ${{ inputs.experiment }}",
    "          seed: ${{ inputs.seed }}",
    "          reference: ${{ inputs.reference }}",
    "",
  ].join("\n");
