/** A commit status: one line beside a commit. */
import type { Result } from "../verdict.ts";
import { cutAtWord } from "./cut-at-word.ts";
import { headlineOf } from "./summary.ts";

/** GitHub's limit, in characters. */
export const LONGEST_STATUS = 140;

/** The headline, cut at a word. Plain text: nothing in a status's description becomes a link or a mention. */
export const statusDescription = (result: Result): string => cutAtWord(headlineOf(result), LONGEST_STATUS);
