const TIMEOUT_MS = 1000;
const LARGEST_BYTES = 4 << 20;

/** The text of a GET's 2xx answer; null: none within a second and 4 MiB. */
export const boundedText = async (url: string): Promise<string | null> => {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "manual",
      headers: { accept: "text/plain;version=0.0.4, */*;q=0.1" },
    });
    if (!response.ok) {
      await response.body?.cancel();
      return null;
    }
    const decoder = new TextDecoder();
    let text = "";
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      // Leaving the loop cancels the rest.
      if (bytes > LARGEST_BYTES) return null;
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return null;
  }
};
