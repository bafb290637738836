/**
 * What a child inherits: enough to find its programs and its home. Tokens, CI variables and NODE_OPTIONS of the gate are
 * not among it: a pull request's code runs in there. What a service needs, its suite names.
 */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  // Where language runtimes, libraries and certificates are: paths, not secrets.
  "JAVA_HOME",
  "GOPATH",
  "GOROOT",
  "GOCACHE",
  "CARGO_HOME",
  "RUSTUP_HOME",
  "DOTNET_ROOT",
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
  "PYENV_ROOT",
  "PYTHONPATH",
  "LD_LIBRARY_PATH",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  // Lets a hosted runner find and end what is left over, after us.
  "RUNNER_TRACKING_ID",
];

export const baseEnvironment = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
