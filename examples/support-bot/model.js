const BASE = process.env.OPENAI_BASE_URL ?? "https://api.openai.com/v1";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two retries; a Retry-After is honoured up to 300 ms; a call may take 1.5 s. */
export const ask = async (question) => {
  let reason = "";
  for (let attempt = 1; attempt <= 3; attempt++) {
    const response = await fetch(`${BASE}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
      body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: question }] }),
      signal: AbortSignal.timeout(1500),
    });
    if (response.ok) return (await response.json()).choices[0].message.content;
    reason = `status ${response.status}`;
    if (response.status !== 429 && response.status < 500) break;
    const seconds = Number(response.headers.get("retry-after") ?? 0.1);
    await wait(Math.min(300, seconds * 1000));
  }
  throw new Error(`the model did not answer: ${reason}`);
};
