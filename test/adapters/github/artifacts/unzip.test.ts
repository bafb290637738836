import { constants, deflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unzipSafely } from "../../../../src/adapters/github/artifacts/unzip.ts";
import { SquallError } from "../../../../src/core/errors.ts";
import { bomb, type ZipEntry, zipOf, zipOfFiles } from "../../../support/zip/zip.ts";

const LIMITS = { maxFiles: 100, maxBytes: 1 << 20 };
const GIB = 2 ** 30;

const refusal = async (zip: Buffer, limits = LIMITS): Promise<SquallError> => {
  const error: unknown = await unzipSafely(zip, limits).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SquallError);
  expect(error).toMatchObject({ code: "artifact-invalid" });
  expect((error as SquallError).remedy).toBeTruthy();
  return error as SquallError;
};

const textsOf = (files: ReadonlyMap<string, Buffer>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, content.toString("utf8")]));

describe("an honest archive", () => {
  test("gives its files, stored or deflated, without its folders", async () => {
    const zip = zipOf([
      { name: "logs/", mode: 0o040_755 },
      { name: "logs/service.log", content: "ready\n" },
      { name: "result.json", content: "{}", method: 0 },
      { name: "é.txt", content: "" },
    ]);
    expect(textsOf(await unzipSafely(zip, LIMITS))).toEqual({
      "logs/service.log": "ready\n",
      "result.json": "{}",
      "é.txt": "",
    });
  });

  test("may use up both limits to the last byte, and no more", async () => {
    const zip = zipOfFiles({ a: "x".repeat(600), b: "y".repeat(400) });
    expect((await unzipSafely(zip, { maxFiles: 2, maxBytes: 1000 })).size).toBe(2);
    expect((await refusal(zip, { maxFiles: 2, maxBytes: 999 })).place).toBe("b");
    expect((await refusal(zip, { maxFiles: 1, maxBytes: 1000 })).message).toContain("more than 1 files");
  });

  test("may not have one file beyond its own limit", async () => {
    const zip = zipOfFiles({ a: "x".repeat(600) });
    const limits = { maxFiles: 2, maxBytes: 1000, maxFileBytes: 599 };
    expect((await refusal(zip, limits)).message).toContain("more than 599 bytes");
  });

  test("may be empty", async () => {
    expect((await unzipSafely(zipOf([]), LIMITS)).size).toBe(0);
  });
});

describe("names", () => {
  test.each([
    ["../evil", "invalid relative path"],
    ["a/../../evil", "invalid relative path"],
    ["/etc/passwd", "absolute path"],
    ["C:/evil", "absolute path"],
    ["ab:c", "colon"],
    ["a\\..\\evil", "invalid characters"],
    ["a\nb", "invisible"],
    ["a\u0000b", "invisible"],
    ["a\u001b[31mb", "invisible"],
    ["gnp.\u202eevil", "invisible"],
    ["a\u200bb", "invisible"],
    ["a//b", "ambiguous"],
    ["./a", "ambiguous"],
    ["a/.", "ambiguous"],
    ["a.", "ambiguous"],
    ["a ", "ambiguous"],
    ["", "ambiguous"],
    [`${"d/".repeat(16)}f`, "deeper than 16"],
    ["n".repeat(513), "longer than 512"],
  ])("%j is refused", async (name, why) => {
    const error = await refusal(zipOf([{ name, content: "x" }]));
    expect(error.message).toContain(why);
    expect(`${error.message} ${error.place ?? ""}`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test.each([
    ["a.txt", "a.txt"],
    ["a.txt", "A.TXT"],
    ["é", "e\u0301"],
    ["a", "a/"],
  ])("%j and %j are one name", async (one, other) => {
    const zip = zipOf([
      { name: one, content: "1" },
      { name: other, content: other.endsWith("/") ? "" : "2" },
    ]);
    expect((await refusal(zip)).message).toContain("same name");
  });

  test("in the directory and before the content must agree", async () => {
    const zip = zipOf([{ name: "harmless.txt", localName: "../evil.sh", content: "x" }]);
    expect((await refusal(zip)).message).toContain("one name in the directory");
  });
});

describe("kinds of entries", () => {
  const refused: readonly (readonly [string, Partial<ZipEntry>, string])[] = [
    ["a symbolic link", { mode: 0o120_777, content: "/etc/passwd" }, "link or a device"],
    ["a device", { mode: 0o020_666 }, "link or a device"],
    ["an encrypted entry", { flags: 1 }, "encrypted"],
    ["strong encryption", { flags: 0x41 }, "strong encryption"],
    ["another method", { method: 14 }, "method 14"],
    ["a checksum that is wrong", { content: "x", crc: 1 }, "not what its header says"],
    ["a size that is wrong", { packed: deflateRawSync("xyz"), unpackedBytes: 2 }, "not what its header says"],
    [
      "packed bytes cut short",
      { packed: deflateRawSync("x".repeat(99)).subarray(0, 3), unpackedBytes: 99 },
      "damaged",
    ],
    ["packed bytes that are none", { packed: Buffer.from([255, 255, 255]), unpackedBytes: 9 }, "damaged"],
  ];
  test.each(refused)("%s is refused", async (_, entry, why) => {
    expect((await refusal(zipOf([{ name: "a", ...entry }]))).message).toContain(why);
  });

  test("a folder with a content is refused", async () => {
    expect((await refusal(zipOf([{ name: "a/", content: "x" }]))).message).toContain("folder");
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["a text", Buffer.from("no zip")],
    ["half an archive", zipOfFiles({ a: "x".repeat(999) }).subarray(0, 40)],
  ])("%s is refused", async (_, zip) => {
    expect((await refusal(zip)).message).toContain("no readable zip archive");
  });
});

describe("bombs", () => {
  test("10 GB in 10 MB end at the limit, in little memory and time, whatever the header says", async () => {
    const packed = bomb(10 * GIB);
    expect(packed.length).toBeLessThan(12e6);
    for (const unpackedBytes of [100, 0xffff_fffe]) {
      const zip = zipOf([{ name: "samples.json.gz", packed, unpackedBytes }]);
      const before = process.memoryUsage().arrayBuffers;
      const startedAt = performance.now();
      expect((await refusal(zip)).message).toContain(`more than ${LIMITS.maxBytes} bytes`);
      expect(performance.now() - startedAt).toBeLessThan(2000);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    }
  }, 20_000);

  test("an entry whose bytes hold another entry is refused", async () => {
    const inner = zipOf([{ name: "b", content: "inner", method: 0 }]);
    const outer = zipOf([
      { name: "a", content: inner, method: 0 },
      { name: "b", content: "inner", method: 0, sharesWith: 0 },
    ]);
    // The second record is turned to the header inside the first one's content: 30 bytes of header and a name of one.
    const record = outer.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    outer.writeUInt32LE(31, record + 42);
    expect((await refusal(outer)).message).toContain("share the same bytes");
  });

  test("65,535 files, as many as a plain archive can name, are refused without looking at them", async () => {
    const entries = Array.from({ length: 65_535 }, (_, index) => ({ name: `f${index}`, method: 0 }));
    const zip = zipOf(entries);
    const startedAt = performance.now();
    expect((await refusal(zip)).message).toContain("more than 100 files");
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test("many small entries meet the limit of all together", async () => {
    const packed = deflateRawSync(Buffer.alloc(60_000), { finishFlush: constants.Z_FINISH });
    const zip = zipOf(
      Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, content: Buffer.alloc(60_000) })),
    );
    expect(packed.length).toBeLessThan(100);
    expect((await refusal(zip)).place).toBe("f17");
  });
});

describe("any bytes", () => {
  const base = zipOf([
    { name: "samples.json.gz", content: Buffer.alloc(2000, "ab") },
    { name: "logs/", mode: 0o040_755 },
    { name: "logs/a.log", content: "x".repeat(300), method: 0 },
  ]);
  const limits = { maxFiles: 10, maxBytes: 4000 };

  /** What is wrong with how these bytes were taken; empty: nothing. */
  const wrongWith = async (zip: Buffer): Promise<readonly unknown[]> => {
    try {
      const files = [...(await unzipSafely(zip, limits))];
      const bytes = files.reduce((sum, [, { length }]) => sum + length, 0);
      const names = files.map(([name]) => name);
      return [
        ...(bytes > limits.maxBytes || files.length > limits.maxFiles ? ["beyond the limits"] : []),
        ...names.filter((name) => /^\/|[\\:]|(^|\/)\.\.(\/|$)/.test(name)),
      ];
    } catch (error) {
      return error instanceof SquallError && error.code === "artifact-invalid" ? [] : [error];
    }
  };

  test("changed in a few places never throw anything else, hang or exceed the limits", async () => {
    const change = fc.record({ at: fc.nat(base.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const zip = Buffer.from(base);
        for (const { at, to } of changes) zip[at] = to;
        expect(await wrongWith(zip)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  }, 30_000);

  test("changed in the directory's numbers never do either", async () => {
    const start = base.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const number = fc.constantFrom(0, 1, 0x7fff_ffff, 0xffff_ffff, 0xffff, 31, base.length);
    const change = fc.record({ at: fc.integer({ min: start, max: base.length - 4 }), to: number });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const zip = Buffer.from(base);
        for (const { at, to } of changes) zip.writeUInt32LE(to, at);
        expect(await wrongWith(zip)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  }, 30_000);

  test("cut, doubled or made up never do either", async () => {
    const made = fc.oneof(
      fc.nat(base.length).map((end) => base.subarray(0, end)),
      fc.nat(base.length).map((start) => base.subarray(start)),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([Buffer.from(bytes), base])),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(made, async (zip) => {
        expect(await wrongWith(zip)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  }, 30_000);
});
