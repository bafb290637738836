import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { describeRuntime } from "../../../conformance/runtime.ts";
import { serviceSuite } from "../../../support/services/service-suite.ts";

describeRuntime({ name: "process", runtime: processRuntime, suite: serviceSuite });
