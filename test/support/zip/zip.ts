/** Zip archives byte by byte, honest by default: tests say what is wrong with one. */
import { constants, crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  /** Packed already: taken as it is, with `unpackedBytes` and `crc` in the headers. */
  readonly packed?: Buffer;
  readonly unpackedBytes?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode, such as 0o120777 for a link. */
  readonly mode?: number;
  /** Name in the local header, where it is another one. */
  readonly localName?: string;
  /** Takes the bytes of this earlier entry instead of having its own. */
  readonly sharesWith?: number;
}

interface Laid {
  readonly local: Buffer;
  readonly directory: (offset: number) => Buffer;
}

const UTF8 = 0x800;

const lay = (entry: ZipEntry): Laid => {
  const content = Buffer.from(entry.content ?? "");
  const method = entry.method ?? 8;
  const data = entry.packed ?? (method === 8 ? deflateRawSync(content) : content);
  const flags = (entry.flags ?? 0) | UTF8;
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(entry.crc ?? crc32(content), 0);
  sizes.writeUInt32LE(data.length, 4);
  sizes.writeUInt32LE(entry.unpackedBytes ?? content.length, 8);
  const localName = Buffer.from(entry.localName ?? entry.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  sizes.copy(header, 14);
  header.writeUInt16LE(localName.length, 26);
  const name = Buffer.from(entry.name);
  const directory = (offset: number): Buffer => {
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE((3 << 8) | 20, 4);
    record.writeUInt16LE(20, 6);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    sizes.copy(record, 16);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(((entry.mode ?? 0o100_644) << 16) >>> 0, 38);
    record.writeUInt32LE(offset, 42);
    return Buffer.concat([record, name]);
  };
  return { local: Buffer.concat([header, localName, data]), directory };
};

export const zipOf = (entries: readonly ZipEntry[]): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, directory: record } = lay(entry);
    const shared = entry.sharesWith === undefined ? undefined : offsets[entry.sharesWith];
    offsets.push(shared ?? offset);
    directory.push(record(shared ?? offset));
    if (shared !== undefined) continue;
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length & 0xffff, 8);
  end.writeUInt16LE(entries.length & 0xffff, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
};

export const zipOfFiles = (files: Readonly<Record<string, Buffer | string>>): Buffer =>
  zipOf(Object.entries(files).map(([name, content]) => ({ name, content })));

const BLOCK_BYTES = 1 << 20;

/** Deflated zeros, about a thousandth of what they become: one flushed block, repeated. */
export const bomb = (unpackedBytes: number): Buffer => {
  const block = deflateRawSync(Buffer.alloc(BLOCK_BYTES), { finishFlush: constants.Z_FULL_FLUSH });
  const count = Math.ceil(unpackedBytes / BLOCK_BYTES);
  const last = deflateRawSync(Buffer.alloc(0));
  return Buffer.concat([...Array.from({ length: count }, () => block), last]);
};
