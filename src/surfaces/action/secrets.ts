/** What no service, sidecar or sample may see: taken out of the environment before anything is started. */

const SECRET_NAMES: readonly RegExp[] = [
  /^INPUT_/i,
  /^ACTIONS_(RUNTIME|ID_TOKEN_REQUEST|CACHE|RESULTS)_/,
  /(^|_)(TOKEN|SECRET|PASSWORD)$/,
];

export type Taken = Readonly<Record<string, string>>;

/**
 * Removes every variable of the job that holds a secret, or leads to one. Processes inherit by an allow-list of names anyway
 * (adapters/runtimes/base-environment.ts); this is for whatever starts one without asking it.
 *
 * @returns what was taken
 */
export const takeSecrets = (env: NodeJS.ProcessEnv): Taken => {
  const taken: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !SECRET_NAMES.some((pattern) => pattern.test(name))) continue;
    taken[name] = value;
    delete env[name];
  }
  return taken;
};
