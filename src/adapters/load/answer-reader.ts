import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { TextDecoder } from "node:util";
import { createParser, type EventSourceParser } from "eventsource-parser";
import type { RequestTemplate, Workload } from "../../core/workload.ts";
import { modelAnswerText, tellsError } from "./answer-text.ts";
import { type BodyDecoder, bodyDecoder } from "./body-decoder.ts";
import type { AnswerFacts } from "./classify.ts";
import { headerMarks, jsonMarks, textMarks } from "./degraded.ts";
import { parseJson, valueAt } from "./json-path.ts";
import { readEvent } from "./stream-event.ts";

/** Text kept of one answer; beyond it bytes are only counted. */
export const KEPT_BYTES = 16 * 1024 * 1024;

/** What was read of an answer. */
export interface ReadAnswer {
  readonly facts: AnswerFacts;
  readonly text: string;
  readonly body: string;
  readonly json: unknown;
  /** First 16 hex digits of the sha256 of the text (or of the bytes, where they are no text); "" for none. */
  readonly hash: string;
}

export const NO_ANSWER: ReadAnswer = {
  facts: {
    stream: false,
    marks: { sentinel: false, finish: false },
    nullFinish: false,
    errorTold: false,
    broken: false,
    cut: false,
    degraded: false,
  },
  text: "",
  body: "",
  json: undefined,
  hash: "",
};

type BodyKind = "events" | "lines" | "json" | "text" | "binary" | "unknown";

const bodyKind = (template: RequestTemplate, contentType: string): BodyKind => {
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  const isJson = type === "application/json" || type.endsWith("+json");
  if (type === "text/event-stream") return template.stream === false ? "text" : "events";
  if (type === "application/x-ndjson" || type === "application/jsonl")
    return template.stream === false ? "text" : "lines";
  // A stream was asked for, but JSON is a whole answer (an error, a fallback), never a stream.
  if (template.stream === true && !isJson) return "events";
  if (isJson) return "json";
  if (type.startsWith("text/") || type.endsWith("/xml") || type.endsWith("+xml")) return "text";
  return type === "" ? "unknown" : "binary";
};

const shortHash = (content: string): string =>
  createHash("sha256").update(content).digest("hex").slice(0, 16);

/** UTF-8 unless the header names another charset we know; `fatal`, so that broken text is seen. */
const textDecoder = (contentType: string, fatal: boolean): TextDecoder => {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8", { fatal });
  } catch {
    return new TextDecoder("utf-8", { fatal });
  }
};

/** Reads one answer as it arrives: content events, text, end marks, markers. Memory is bounded by KEPT_BYTES. */
export class AnswerReader {
  readonly #workload: Workload;
  readonly #kind: BodyKind;
  readonly #contentType: string;
  readonly #decoder: BodyDecoder | undefined;
  readonly #parser: EventSourceParser | undefined;
  readonly #onContent: () => void;
  readonly #onSentinel: () => void;
  readonly #binaryHash = createHash("sha256");
  readonly #body: string[] = [];
  readonly #texts: string[] = [];
  #text: TextDecoder;
  #line = "";
  #keptBytes = 0;
  #marks = { sentinel: false, finish: false };
  #broken = false;
  #errorTold = false;
  #degraded: boolean;
  #jsonEvents = 0;
  #brokenEvents = 0;

  constructor(options: {
    readonly template: RequestTemplate;
    readonly workload: Workload;
    readonly headers: IncomingHttpHeaders;
    /** Called for each content event of a stream. */
    readonly onContent: () => void;
    /** Called when the end sentinel was read. */
    readonly onSentinel: () => void;
  }) {
    this.#workload = options.workload;
    this.#contentType = options.headers["content-type"] ?? "";
    const kind = bodyKind(options.template, this.#contentType);
    const encoding = options.headers["content-encoding"] ?? "";
    this.#decoder = bodyDecoder(encoding, KEPT_BYTES, (bytes) => this.#take(bytes));
    // A body in an encoding we do not read is bytes to us.
    this.#kind = this.#decoder === undefined ? "binary" : kind;
    this.#onContent = options.onContent;
    this.#onSentinel = options.onSentinel;
    this.#degraded = headerMarks(options.workload.degraded, options.headers);
    this.#text = textDecoder(this.#contentType, this.#kind !== "unknown");
    if (this.#kind === "events") {
      this.#parser = createParser({
        maxBufferSize: KEPT_BYTES,
        onEvent: (event) => this.#takeEvent(event.event ?? "", event.data),
      });
    }
  }

  get stream(): boolean {
    return this.#kind === "events" || this.#kind === "lines";
  }

  write(chunk: Buffer): void {
    if (this.#decoder === undefined) this.#take(chunk);
    else this.#decoder.write(chunk);
  }

  destroy(): void {
    this.#decoder?.destroy();
  }

  /** Ends the reading and says what was read. @param whole false where the wire broke: loose ends are then no news. */
  async end(whole: boolean): Promise<ReadAnswer> {
    const problem = (await this.#decoder?.end()) ?? "none";
    if (whole && problem === "none" && this.#keptBytes < KEPT_BYTES) this.#takeText(this.#decode(undefined));
    if (this.#kind === "lines" && this.#line.trim() !== "") this.#takeEvent("", this.#line);
    const body = this.#body.join("");
    return this.stream ? this.#streamAnswer(body, whole, problem) : this.#plainAnswer(body, whole, problem);
  }

  #streamAnswer(body: string, whole: boolean, problem: "none" | "cut" | "corrupt"): ReadAnswer {
    const text = this.#texts.join("");
    // A stream of JSON events with some that begin like one and do not parse is damaged; a stream of plain words is not.
    const damaged = this.#brokenEvents > 0 && this.#jsonEvents >= this.#brokenEvents;
    return {
      facts: {
        stream: true,
        marks: this.#marks,
        nullFinish: false,
        errorTold: this.#errorTold,
        broken: this.#broken || (whole && (problem === "corrupt" || damaged)),
        cut: problem === "cut",
        degraded: this.#degraded || textMarks(this.#workload.degraded, text),
      },
      text,
      body,
      json: undefined,
      hash: text === "" ? "" : shortHash(text),
    };
  }

  #plainAnswer(body: string, whole: boolean, problem: "none" | "cut" | "corrupt"): ReadAnswer {
    const over = this.#keptBytes >= KEPT_BYTES;
    const json = this.#kind === "json" || this.#kind === "unknown" ? parseJson(body) : undefined;
    const badJson = this.#kind === "json" && json === undefined && body !== "" && !over && problem !== "cut";
    const text = modelAnswerText(json) ?? body;
    const { finishPaths } = this.#workload.streamEnd;
    const finishes = json === undefined ? [] : finishPaths.map((path) => valueAt(json, path));
    const finish = finishes.some((value) => value !== undefined && value !== null && value !== "");
    const binary = this.#kind === "binary" && this.#keptBytes > 0;
    const marker = this.#workload.degraded;
    return {
      facts: {
        stream: false,
        marks: { sentinel: false, finish },
        nullFinish: !finish && finishes.some((value) => value === null),
        errorTold: tellsError(json),
        broken: this.#broken || (whole && (problem === "corrupt" || badJson)),
        cut: problem === "cut",
        degraded: this.#degraded || jsonMarks(marker, json) || textMarks(marker, text),
      },
      text,
      body,
      json,
      hash: binary ? this.#binaryHash.digest("hex").slice(0, 16) : text === "" ? "" : shortHash(text),
    };
  }

  #take(bytes: Buffer): void {
    if (this.#keptBytes >= KEPT_BYTES) return;
    this.#keptBytes += bytes.length;
    if (this.#kind === "binary") this.#binaryHash.update(bytes);
    else this.#takeText(this.#decode(bytes));
  }

  #decode(bytes: Buffer | undefined): string {
    const more = { stream: bytes !== undefined };
    try {
      return this.#text.decode(bytes, more);
    } catch {
      this.#broken = true;
      this.#text = textDecoder(this.#contentType, false);
      return this.#text.decode(bytes, more);
    }
  }

  #takeText(text: string): void {
    if (text === "") return;
    this.#body.push(text);
    if (this.#parser !== undefined) this.#feed(this.#parser, text);
    else if (this.#kind === "lines") this.#takeLines(text);
  }

  #feed(parser: EventSourceParser, text: string): void {
    try {
      parser.feed(text);
    } catch {
      // The parser refuses all after one line beyond its buffer.
      this.#broken = true;
    }
  }

  #takeLines(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") this.#takeEvent("", line);
  }

  #takeEvent(name: string, data: string): void {
    const meaning = readEvent({ name, data }, this.#workload.streamEnd);
    this.#errorTold ||= meaning.error;
    this.#marks = {
      sentinel: this.#marks.sentinel || meaning.sentinel,
      finish: this.#marks.finish || meaning.finish,
    };
    this.#degraded ||= jsonMarks(this.#workload.degraded, meaning.json);
    if (typeof meaning.json === "object" && meaning.json !== null) this.#jsonEvents += 1;
    else if (!meaning.sentinel && /^\s*[{[]/.test(data)) this.#brokenEvents += 1;
    if (meaning.content) {
      this.#texts.push(meaning.text);
      this.#onContent();
    }
    if (meaning.sentinel) this.#onSentinel();
  }
}
