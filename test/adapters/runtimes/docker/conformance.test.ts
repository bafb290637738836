import { dockerRuntime } from "../../../../src/adapters/runtimes/docker/docker-runtime.ts";
import { describeRuntime } from "../../../conformance/runtime.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { containerSuite } from "../../../support/services/container-suite.ts";

describeDocker("runtime docker holds to what every runtime does", () => {
  describeRuntime({ name: "docker", runtime: dockerRuntime, suite: containerSuite });
});
