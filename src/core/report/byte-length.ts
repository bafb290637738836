/** UTF-8 length. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;
