import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FileNews } from "../../../src/run/job/file-news.ts";

test("gives each whole line once, as the file grows", () => {
  const news = new FileNews();
  expect(news.take(null)).toEqual([]);
  expect(news.take("a\nb\nc")).toEqual(["a", "b"]);
  expect(news.take("a\nb\nc")).toEqual([]);
  expect(news.take("a\nb\ncd\r\n\ne\n")).toEqual(["cd", "e"]);
});

test("reads a file that was written anew from its beginning", () => {
  const news = new FileNews();
  expect(news.take("a\nb\nc\n")).toEqual(["a", "b", "c"]);
  expect(news.take("a\nb\n")).toEqual(["a", "b"]);
  expect(news.take("x\n")).toEqual(["x"]);
  expect(news.take("y\nz\n")).toEqual(["y", "z"]);
  expect(news.take(null)).toEqual([]);
  expect(news.take("x\n")).toEqual(["x"]);
});

test("goes on where it was when only the end of a long file is given", () => {
  const line = (number: number): string => `line ${String(number).padStart(6, "0")}`;
  const text = (count: number): string => Array.from({ length: count }, (_, at) => `${line(at)}\n`).join("");
  const news = new FileNews();
  news.take(text(1000));
  expect(news.take(text(1003).slice(-9000))).toEqual([line(1000), line(1001), line(1002)]);
});

test("however a file grows, its lines come once and in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z ]{1,9}$/), { maxLength: 30 }),
      fc.array(fc.nat(200), { maxLength: 20 }),
      (lines, cuts) => {
        const whole = lines.map((line) => `${line}\n`).join("");
        const news = new FileNews();
        const looks = [...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        expect(looks.flatMap((length) => news.take(whole.slice(0, length)))).toEqual(lines);
      },
    ),
  );
});
