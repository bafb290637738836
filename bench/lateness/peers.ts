/** The other generators, vegeta and k6, as programs of their own: from PATH or GOBIN, else built by `go install`. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What every generator sends. */
export const BODY = '{"model":"m","messages":[{"role":"user","content":"Where is my order?"}]}';

/** Path of a Go tool: from PATH or GOBIN, else built; null with the reason printed where it can not be. */
const goTool = (name: string, module: string, scratch: string): string | null => {
  for (const place of [...(process.env["PATH"] ?? "").split(":"), process.env["GOBIN"] ?? ""]) {
    if (place !== "" && existsSync(path.join(place, name))) return path.join(place, name);
  }
  try {
    execFileSync("go", ["install", module], { env: { ...process.env, GOBIN: scratch }, stdio: "pipe" });
    return path.join(scratch, name);
  } catch (error) {
    console.log(`${name}: not measured, "go install ${module}" failed: ${String(error).split("\n", 1)[0]}`);
    return null;
  }
};

const finished = async (command: string, args: readonly string[]): Promise<void> => {
  const child = spawn(command, args, { stdio: "ignore" });
  await once(child, "exit");
};

const k6Script = (url: string, fresh: boolean, rate: number, seconds: number): string =>
  `import http from "k6/http";
export const options = { noConnectionReuse: ${String(fresh)}, scenarios: { a: { executor: "constant-arrival-rate",
  rate: ${rate}, timeUnit: "1s", duration: "${seconds}s", preAllocatedVUs: ${Math.max(20, rate / 10)} } } };
export default () => { http.post(${JSON.stringify(`${url}/`)}, ${JSON.stringify(BODY)}); };`;

/** One generator, ready to attack. */
export interface Peer {
  readonly name: string;
  run(connections: "fresh" | "reuse", rate: number): Promise<void>;
}

/** Those that can be had here. `seconds` for each attack; files and built tools go to `scratch`. */
export const peersOf = (url: string, seconds: number, scratch: string): readonly Peer[] => {
  const vegeta = goTool("vegeta", "github.com/tsenart/vegeta/v12@latest", scratch);
  const k6 = goTool("k6", "go.k6.io/k6@latest", scratch);
  const body = path.join(scratch, "body.json");
  const targets = path.join(scratch, "targets.txt");
  writeFileSync(body, BODY);
  writeFileSync(targets, `POST ${url}/\ncontent-type: application/json\n@${body}\n`);
  const found: Peer[] = [];
  if (vegeta !== null) {
    found.push({
      name: "vegeta",
      run: (connections, rate) => {
        const keep = `-keepalive=${String(connections === "reuse")}`;
        const output = `-output=${path.join(scratch, "out.bin")}`;
        return finished(vegeta, [
          "attack",
          `-targets=${targets}`,
          `-rate=${rate}`,
          `-duration=${seconds}s`,
          keep,
          output,
        ]);
      },
    });
  }
  if (k6 !== null) {
    found.push({
      name: "k6",
      run: (connections, rate) => {
        const script = path.join(scratch, "script.js");
        writeFileSync(script, k6Script(url, connections === "fresh", rate, seconds));
        return finished(k6, ["run", "--quiet", "--no-usage-report", "--address", "127.0.0.1:0", script]);
      },
    });
  }
  return found;
};
