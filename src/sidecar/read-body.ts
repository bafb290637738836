import type { IncomingMessage } from "node:http";

/** A request's whole body, or why there is none. The socket lives on for the answer. */
export const readBody = async (
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | "gone" | "too-large"> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const buffer = chunk as Buffer;
      bytes += buffer.length;
      if (bytes > maxBytes) return "too-large";
      chunks.push(buffer);
    }
  } catch {
    return "gone";
  }
  return Buffer.concat(chunks);
};
