/** Mermaid's own parser. It cleans texts by a DOM, and so needs one before it is loaded. */
import { parseHTML } from "linkedom";

const { window } = parseHTML("<html><body></body></html>");
Object.assign(globalThis, { window });
const { default: mermaid } = await import("mermaid");

export interface XyData {
  readonly xAxis: { readonly categories: readonly string[] };
  readonly yAxis: { readonly title: string; readonly min: number; readonly max: number };
  readonly plots: readonly { readonly type: string; readonly data: readonly (readonly [string, number])[] }[];
}

export interface GanttTask {
  readonly section: string;
  readonly task: string;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly crit?: boolean;
  readonly milestone?: boolean;
}

/** Sources of the diagrams of a text in Markdown. */
export const diagramsOf = (markdown: string): readonly string[] =>
  Array.from(markdown.matchAll(/^```mermaid\n(.*?)\n```$/gms), ([, source = ""]) => source);

/** What Mermaid itself reads, as its renderer gets it. @throws where it is no diagram */
const read = async (source: string, type: string): Promise<Record<string, () => unknown>> => {
  const parsed = await mermaid.parse(source);
  if (parsed.diagramType !== type) throw new Error(`${parsed.diagramType} in place of ${type}`);
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(source);
  return diagram.db as unknown as Record<string, () => unknown>;
};

export const readXyChart = async (source: string): Promise<XyData> =>
  (await read(source, "xychart"))["getXYChartData"]?.() as XyData;

export const readGantt = async (source: string): Promise<readonly GanttTask[]> =>
  (await read(source, "gantt"))["getTasks"]?.() as readonly GanttTask[];
