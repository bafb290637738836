/** HTML as a value of its own type: text becomes part of it only escaped, so that no name can become markup. */
import { plainText } from "../plain-text.ts";

/** Markup that may stand in a page as it is. */
export class Html {
  readonly text: string;

  /** @param text trusted markup: of `html` templates and of charts alone */
  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | null | undefined | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Longest text from outside: a name may be megabytes long. */
const MOST_CHARACTERS = 2000;

/** A space at either end parts it from what stands beside it: `plainText` alone would take it. */
const oneLine = (text: string): string => {
  const plain = plainText(text, MOST_CHARACTERS);
  if (plain === "") return text === "" ? "" : " ";
  return `${/^\s/.test(text) ? " " : ""}${plain}${/\s$/.test(text) ? " " : ""}`;
};

/** Safe as text and in a quoted attribute; one line, without control and bidi characters. */
export const escapeHtml = (text: string): string =>
  oneLine(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

const render = (value: HtmlValue): string => {
  if (value === null || value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value.map(render).join("");
};

/** `html\`<p>${name}</p>\``: values are escaped, unless they are Html themselves. Attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(strings.map((string, index) => string + render(values[index])).join(""));
