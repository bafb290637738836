/** Burns `load` of one core: works that share of each 20 ms. argv: load */
export const STRESS_CPU = `const load = Number(process.argv[1]); const period = 20;
const burn = () => { const end = performance.now() + period * load; while (performance.now() < end); setTimeout(burn, period * (1 - load)); };
process.stdout.write("burning\\n"); burn();`;

/** Holds that many bytes, every page touched again each second. argv: bytes */
export const STRESS_MEMORY = `const held = []; let left = Number(process.argv[1]);
while (left > 0) { const size = Math.min(left, 64 * 1024 * 1024); held.push(Buffer.alloc(size, 1)); left -= size; }
process.stdout.write("held\\n"); setInterval(() => { for (const block of held) for (let at = 0; at < block.length; at += 4096) block[at] ^= 1; }, 1000);`;
