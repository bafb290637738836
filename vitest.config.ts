import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/docker/global-setup.ts"],
    // Tests start real processes and sockets on two cores: a generous limit that only a hang reaches.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    fileParallelism: true,
    maxWorkers: 2,
  },
});
