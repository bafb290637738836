/**
 * A shard as it travels: a header of three 32-bit little-endian words (magic, number of records, CRC-32 of the records), then the
 * records, each three 32-bit floats: x, y, class.
 */
import { crc32 } from "node:zlib";

export const SHARDS = 24;
export const RECORDS = 64;
export const CLASSES = 3;

const MAGIC = 0x44524853; // "SHRD"
const HEADER_BYTES = 12;
const FLOATS = 3;

export const encodeShard = (records: Float32Array): Buffer => {
  const body = Buffer.alloc(records.length * 4);
  for (const [index, value] of records.entries()) body.writeFloatLE(value, index * 4);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(records.length / FLOATS, 4);
  header.writeUInt32LE(crc32(body), 8);
  return Buffer.concat([header, body]);
};

/** @throws Error where a byte is missing or wrong: a 200 with half of a shard looks like success to everything below */
export const decodeShard = (bytes: Buffer): Float32Array => {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) throw new Error("it is no shard");
  const count = bytes.readUInt32LE(4);
  const body = bytes.subarray(HEADER_BYTES);
  if (count !== RECORDS || body.length !== count * FLOATS * 4)
    throw new Error(`it has ${body.length} bytes of records, not ${RECORDS * FLOATS * 4}`);
  if (crc32(body) !== bytes.readUInt32LE(8)) throw new Error("its checksum is wrong");
  return Float32Array.from({ length: count * FLOATS }, (_, index) => body.readFloatLE(index * 4));
};
