/** What each input's text means: every reader takes any text, and says in words what is wrong with it. None shows it. */
import { FAIL_ON, type FailOn } from "../../core/gate/conclude.ts";
import { IMAGE_NAME } from "../container-schema.ts";
import { nearestOf } from "../problems.ts";
import { readDuration } from "../quantities.ts";
import { isMachinePath, leavesDirectory } from "../relative-path.ts";
import { SHORTEST_BUDGET_MS } from "../suite-defaults.ts";
import { isBranchName } from "./branch-name.ts";

export type BaselineInput =
  | { readonly store: "branch"; readonly branch: string }
  | { readonly store: "file"; readonly directory: string }
  | { readonly store: "artifact" }
  | { readonly store: "directory"; readonly directory: string };

/** As `gate.budget` of a suite. */
const LONGEST_BUDGET_MS = 86_400_000;
export const DEFAULT_BRANCH_OF_BASELINES = "squall-baselines";

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };
export const good = <T>(value: T): Read<T> => ({ ok: true, value });
export const bad = (message: string): Read<never> => ({ ok: false, message });

/** "" stands for: not given. */
export const optional =
  <T>(read: (text: string) => Read<T>) =>
  (text: string): Read<T | undefined> =>
    text === "" ? good(undefined) : read(text);

export const oneOf =
  <const W extends string>(words: readonly W[]) =>
  (text: string): Read<W> => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return good(found);
    const near = nearestOf(text, words);
    return bad(`must be one of ${words.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`);
  };

export const flag = (text: string): Read<boolean> => {
  const read = oneOf(["true", "false"])(text.toLowerCase());
  return read.ok ? good(read.value === "true") : read;
};

export const plain = (text: string): Read<string> =>
  /[\p{Cc}\p{Cf}]/u.test(text)
    ? bad("must not hold line breaks, control or direction characters")
    : good(text);

export const inside = (text: string): Read<string> => {
  const read = plain(text);
  if (!read.ok) return read;
  return leavesDirectory(text) || isMachinePath(text)
    ? bad("must be a relative path inside the workspace")
    : read;
};

export const list = (text: string): Read<readonly string[]> => {
  const names = text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const wrong = names.map(plain).find((read) => !read.ok);
  return wrong ?? good(names);
};

/** What stands behind the name may be a secret: no message shows it. */
export const buildArguments = (text: string): Read<readonly string[]> => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const wrong = lines.findIndex((line) => !/^\s*[A-Za-z_]\w*=[^\p{Cc}]*$/u.test(line));
  return wrong < 0
    ? good(lines.map((line) => line.trimStart()))
    : bad(`line ${wrong + 1} is no NAME=value, as docker build takes it`);
};

export const whole =
  (least: number, most: number) =>
  (text: string): Read<number> => {
    const number = Number(text);
    return /^\d{1,12}$/.test(text) && number >= least && number <= most
      ? good(number)
      : bad(`must be a whole number from ${least} to ${most}`);
  };

export const budget = (text: string): Read<number> => {
  const read = readDuration(text);
  if (!read.ok) return bad(`must be a duration with a unit, such as 120s: ${read.message}`);
  return read.value >= SHORTEST_BUDGET_MS && read.value <= LONGEST_BUDGET_MS
    ? good(read.value)
    : bad(`must be from ${SHORTEST_BUDGET_MS / 1000}s to ${LONGEST_BUDGET_MS / 3_600_000}h`);
};

const STORES = ["branch", "file", "artifact", "directory"] as const;

export const store = (text: string): Read<BaselineInput> => {
  const [, name = "", place = ""] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  const read = oneOf(STORES)(name);
  if (!read.ok) return read;
  switch (read.value) {
    case "branch": {
      const branch = place === "" ? DEFAULT_BRANCH_OF_BASELINES : place;
      return isBranchName(branch)
        ? good({ store: "branch", branch })
        : bad("is not a branch name that git takes");
    }
    case "artifact":
      return place === "" ? good({ store: "artifact" }) : bad("artifact takes nothing after it");
    case "file": {
      const directory = inside(place);
      if (place === "") return bad("file needs a directory, such as file:chaos/baselines");
      return directory.ok ? good({ store: "file", directory: place }) : directory;
    }
    case "directory": {
      const directory = plain(place);
      if (place === "") return bad("directory needs a path, such as directory:/var/squall");
      return directory.ok ? good({ store: "directory", directory: place }) : directory;
    }
  }
};

export const failOn = (text: string): Read<ReadonlySet<FailOn>> => {
  if (text === "never") return good(new Set());
  const words = text.split(/[,\s]+/).filter((word) => word !== "");
  if (words.length === 0) return bad(`must name one of ${FAIL_ON.join(", ")}, or never`);
  const read = words.map(oneOf(FAIL_ON));
  const wrong = read.find((each) => !each.ok);
  if (wrong !== undefined) return bad(`${wrong.message}; or never`);
  return good(new Set(read.flatMap((each) => (each.ok ? [each.value] : []))));
};

/** A branch, tag or commit: what git takes as a name, or hexadecimal. */
export const reference = (text: string): Read<string> =>
  isBranchName(text) ? good(text) : bad("is not a branch, tag or commit");

/** GitHub's limits: an artifact's name, a status's context, a check's name. */
export const reportName = (text: string): Read<string> =>
  /^[\w. -]{1,80}$/.test(text)
    ? good(text)
    : bad("must be at most 80 letters, digits, blanks, dots, hyphens or underscores");

/** A token is never shown; an expression that gave nothing is told apart from a token that is refused. */
export const token = (text: string): Read<string> =>
  text === ""
    ? bad("is empty: leave it out, or see that the secret it is taken from exists and is given to this run")
    : /^[\x21-\x7e]+$/.test(text)
      ? good(text)
      : bad("must be one word without blanks or line breaks");

export const imageName = (text: string): Read<string> =>
  text.length <= 512 && IMAGE_NAME.test(text)
    ? good(text)
    : bad('must be an image\'s name in small letters, such as "node:24-slim"');

/** As long as GitHub lets a label be. */
export const label = (text: string): Read<string> =>
  text.length <= 50 ? plain(text) : bad("must be at most 50 characters");
