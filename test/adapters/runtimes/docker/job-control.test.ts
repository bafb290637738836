/** Runtime docker's workers do what every runtime's must. */
import { fileURLToPath } from "node:url";
import { dockerRuntime } from "../../../../src/adapters/runtimes/docker/docker-runtime.ts";
import type { Suite } from "../../../../src/core/suite.ts";
import { describeJobControl } from "../../../conformance/job-control.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { type JobSuite, jobSuite } from "../../../support/jobs/job-suite.ts";
import { SERVICE_IMAGE } from "../../../support/services/container-suite.ts";

const TRAIN = fileURLToPath(new URL("../../../support/jobs/train.ts", import.meta.url));

const containerJob = (options?: JobSuite): Suite => {
  const suite = jobSuite(options);
  const { process: job, replicas } = suite.service;
  return {
    ...suite,
    service: {
      replicas,
      container: {
        source: { type: "image", image: SERVICE_IMAGE },
        env: { ...job?.env, LISTEN: "0.0.0.0" },
        port: 0,
        readyTimeoutMs: 15_000,
        files: [{ source: TRAIN, target: "/service.ts" }],
        volumes: [],
      },
    },
  };
};

describeDocker("on the real engine", () => {
  describeJobControl({ name: "docker", runtime: dockerRuntime, suite: containerJob });
});
