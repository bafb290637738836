/** The code blocks of our documents, with their places: what the contract tests of documents read. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";

export const ROOT = path.resolve(import.meta.dirname, "../../..");

export interface Block {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
  /** The fence's first word; empty where it has none, "inline" for code inside of a sentence. */
  readonly language: string;
  readonly text: string;
}

export interface Document {
  readonly file: string;
  readonly blocks: readonly Block[];
  /** Targets of links, as they are written. */
  readonly links: readonly string[];
}

const read = async (file: string): Promise<Document> => {
  const blocks: Block[] = [];
  const links: string[] = [];
  const walk = (node: Nodes): void => {
    const line = node.position?.start.line ?? 0;
    if (node.type === "code") blocks.push({ file, line, language: node.lang ?? "", text: node.value });
    if (node.type === "inlineCode") blocks.push({ file, line, language: "inline", text: node.value });
    if (node.type === "link") links.push(node.url);
    if ("children" in node) for (const child of node.children) walk(child);
  };
  walk(fromMarkdown(await readFile(path.join(ROOT, file), "utf8")));
  return { file, blocks, links };
};

/** README.md and all of docs/, in the order of their names. */
export const readDocuments = async (): Promise<readonly Document[]> => {
  const names = await readdir(path.join(ROOT, "docs"), { recursive: true });
  const files = names
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`);
  return await Promise.all(["README.md", ...files.sort()].map(read));
};

export const placeOf = ({ file, line }: Block): string => `${file}:${line}`;
