/** What squall takes from one service of a compose file: values read, variables filled in, frozen. */
export interface ComposeBuild {
  /** Relative to the compose file's directory. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
}

/** A directory (or, of a bind, a file) that is mounted. */
export type ComposeVolume =
  /** `source` is the volume's name; absent: a volume without a name. */
  | { readonly type: "volume"; readonly source?: string; readonly target: string; readonly readOnly: boolean }
  /** `source` begins with "./" and stays inside the compose file's directory. */
  | { readonly type: "bind"; readonly source: string; readonly target: string; readonly readOnly: boolean };

export interface ComposeService {
  /** Where build is given too, the name that the build gets in compose. One of the two is always there. */
  readonly image?: string;
  readonly build?: ComposeBuild;
  /** argv; empty: the image's own is taken away. Absent: the image's own. */
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** TCP ports inside the container, of `ports` and then `expose`, each once. */
  readonly ports: readonly number[];
  readonly volumes: readonly ComposeVolume[];
  /** Names of services. */
  readonly dependsOn: readonly string[];
  /** Absolute. */
  readonly workingDir?: string;
  readonly user?: string;
  /** Cores. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly shmBytes?: number;
  /** Absolute directories kept in memory. */
  readonly tmpfs: readonly string[];
}
