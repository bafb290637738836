#!/usr/bin/env node
/** The command line. Each command is loaded only when it is called: `squall --version` reads almost nothing. */
import { Command, Option } from "commander";
import type { CleanOptions } from "../../adapters/runtimes/docker/clean.ts";
import { printError } from "../gate/print-error.ts";
import { VERSION } from "../version.ts";
import type { BaselineArguments } from "./baseline.ts";
import type { CalibrateArguments } from "./calibrate.ts";
import type { CompareArguments } from "./compare.ts";
import type { DemoArguments } from "./demo.ts";
import type { DiscoverArguments } from "./discover.ts";
import type { DoctorArguments } from "./doctor.ts";
import type { RecordArguments } from "./record.ts";
import type { ReportArguments } from "./report.ts";
import type { RunArguments } from "./run.ts";

const OLDEST_NODE = 24;
if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  process.stderr.write(
    `squall needs Node ${OLDEST_NODE} or newer; this is ${process.version} (${process.execPath}).\n  what to do: install it, or run squall with \`npx --package node@${OLDEST_NODE} node ...\`\n`,
  );
  process.exit(2);
}

const program = new Command("squall")
  .description("The pre-merge chaos gate for AI model services.")
  .version(VERSION)
  .showHelpAfterError("(squall --help lists the commands)")
  .showSuggestionAfterError();

/** Runs a command and leaves with its exit code. */
const leaveWith = async (command: Promise<number>): Promise<void> => {
  try {
    process.exitCode = await command;
  } catch (error) {
    process.exitCode = printError(error);
  }
};

const suiteOption = (): Option => new Option("-f, --file <path>", "the suite file").default("squall.yml");
const baselineOption = (): Option =>
  new Option("-b, --baseline <directory>", "where baselines are kept").default(".squall/baselines");
const outOption = (): Option =>
  new Option("-o, --out <directory>", "where runs are written").default(".squall");
const buildArgOption = (): Option =>
  new Option("--build-arg <name=value...>", "arguments of image builds on this machine, over the suite's");
const quietOption = (): Option => new Option("-q, --quiet", "no progress").default(false);

program
  .command("init")
  .description("look at a repository and write a first suite, request set and workflow")
  .argument("[directory]", "the repository", ".")
  .option("--force", "overwrite files that exist", false)
  .action(async (directory: string, options: { force: boolean }) =>
    leaveWith(import("./init.ts").then(({ init }) => init(directory, options))),
  );

program
  .command("discover")
  .description("watch the service calm, probe how well its edges are protected, and propose experiments")
  .addOption(suiteOption())
  .addOption(outOption())
  .addOption(quietOption())
  .option("-w, --write <file>", "add the experiments to this suite file (the suite's own, or a new one)")
  .option("--budget <time>", "for the calm window and all probes", "60s")
  .option("--most <number>", "most proposals", "12")
  .option("--log <file...>", "further logs to read for known error patterns")
  .option("--seed <number>", "seed of every random draw")
  .option("--runtime <name>", "auto, process or docker; default: the suite's")
  .addOption(buildArgOption())
  .option("--json", "print what was seen and proposed as JSON", false)
  .action(async (options: DiscoverArguments) =>
    leaveWith(import("./discover.ts").then(({ discover }) => discover(options))),
  );

program
  .command("validate")
  .description("check a suite file and print every problem at once")
  .argument("[file]", "the suite file", "squall.yml")
  .action(async (file: string) => leaveWith(import("./validate.ts").then(({ validate }) => validate(file))));

program
  .command("doctor")
  .description("say what this machine has and lacks for measuring; changes nothing")
  .option("-f, --file <path>", "the suite file; default: squall.yml where there is one")
  .option("--json", "print what was found as JSON", false)
  .action(async (options: DoctorArguments) => {
    await leaveWith(import("./doctor.ts").then(({ doctor }) => doctor(options)));
    // An engine that never answers would hold this process by its connection.
    process.exit();
  });

program
  .command("run")
  .description("measure the service under faults and judge it against the stored baseline")
  .addOption(suiteOption())
  .addOption(baselineOption())
  .addOption(outOption())
  .addOption(quietOption())
  .option("--seed <number>", "seed of every random draw; default: from the suite, the same for base and head")
  .option("-x, --experiment <name...>", "only these experiments")
  .option("--base <commit>", "commit or branch that the change starts from; default: as the CI tells")
  .option("--runtime <name>", "auto, process or docker; default: the suite's")
  .addOption(buildArgOption())
  .option("--json", "print result.json instead of the table", false)
  .action(async (options: RunArguments) => leaveWith(import("./run.ts").then(({ run }) => run(options))));

program
  .command("baseline")
  .description("measure the service and add the run to the baseline, or add a run that was measured before")
  .addOption(suiteOption())
  .addOption(baselineOption())
  .addOption(outOption())
  .addOption(quietOption())
  .option("--seed <number>", "seed of every random draw")
  .option("--runtime <name>", "auto, process or docker; default: the suite's")
  .addOption(buildArgOption())
  .option("--from <run>", "directory of a run to add instead of measuring")
  .action(async (options: BaselineArguments) =>
    leaveWith(import("./baseline.ts").then(({ baseline }) => baseline(options))),
  );

program
  .command("compare")
  .description(
    "judge a finished run again, against the baseline or another run; or measure the service side by side with a reference",
  )
  .argument("[head]", "directory of the run")
  .argument("[base]", "directory of the run to compare with; default: the stored baseline")
  .addOption(suiteOption())
  .addOption(baselineOption())
  .addOption(outOption())
  .addOption(quietOption())
  .option(
    "--reference [what]",
    "measure side by side with a commit or branch, image:<name> or command:<line>; default: the suite's reference",
  )
  .option("--base <commit>", "commit or branch that the change starts from, for the suite's `checkout: base`")
  .option("--seed <number>", "seed of every random draw")
  .option("-x, --experiment <name...>", "only these experiments")
  .option("--runtime <name>", "auto, process or docker; default: the suite's")
  .addOption(buildArgOption())
  .option("--json", "print the result as JSON", false)
  .action(async (head: string | undefined, base: string | undefined, options: CompareArguments) =>
    leaveWith(import("./compare.ts").then(({ compare }) => compare(head, base, options))),
  );

program
  .command("calibrate")
  .description(
    "measure the same service several times: how often the gate would fail it, and what it can see",
  )
  .addOption(suiteOption())
  .addOption(baselineOption())
  .addOption(outOption())
  .addOption(quietOption())
  .option("-n, --runs <number>", "how often", "5")
  .option("--from <run...>", "directories of runs measured before, instead of measuring")
  .option("--wish <metric=change...>", "what should be seen, such as errors=1pt or latency=20ms")
  .option("--keep", "add the runs to the baseline", false)
  .option("--seed <number>", "seed of every random draw")
  .option("--runtime <name>", "auto, process or docker; default: the suite's")
  .addOption(buildArgOption())
  .option("--json", "print the calibration as JSON", false)
  .action(async (options: CalibrateArguments) =>
    leaveWith(import("./calibrate.ts").then(({ calibrate }) => calibrate(options))),
  );

program
  .command("record")
  .description(
    "stand in front of a running service and write a redacted request set (or a cassette) from real traffic",
  )
  .argument("<url>", "the running service")
  .option("-p, --port <number>", "port to listen on", "0")
  .option("-w, --write <file>", "request set to write", "requests.jsonl")
  .option("--cassette <file>", "write what the service answers instead, to replay in its place")
  .option("-n, --requests <number>", "stop after so many requests")
  .option("--redact <header...>", "further headers and query keys whose values are secret")
  .action(async (url: string, options: RecordArguments) =>
    leaveWith(import("./record.ts").then(({ record }) => record(url, options))),
  );

program
  .command("report")
  .description("print the report of a finished run")
  .argument("[run]", "directory of the run; default: the newest")
  .addOption(
    new Option("--format <name>", "what to print")
      .choices(["terminal", "markdown", "json", "junit", "postmortem", "html"])
      .default("terminal"),
  )
  .addOption(outOption())
  .action(async (run: string | undefined, options: ReportArguments) =>
    leaveWith(import("./report.ts").then(({ report }) => report(run, options))),
  );

program
  .command("demo")
  .description("measure the bundled example, break it, and show the verdict")
  .option("--runtime <name>", "process or docker", "process")
  .addOption(buildArgOption())
  .action(async (options: DemoArguments) => leaveWith(import("./demo.ts").then(({ demo }) => demo(options))));

program
  .command("clean")
  .description("remove containers, networks and volumes that dead runs left on the Docker engine")
  .option("--dry-run", "only tell what would be removed", false)
  .option("--elsewhere", "also what a squall on another machine started on this engine", false)
  .option("--images", "also images that squall made", false)
  .action(async (options: CleanOptions) =>
    leaveWith(import("./clean.ts").then(({ clean }) => clean(options))),
  );

program
  .command("sidecar", { hidden: true })
  .description("run the fault sidecar alone (configuration as one JSON line on standard input)")
  .action(async () => leaveWith(import("../../sidecar/main.ts").then(() => 0)));

await program.parseAsync();
