/** A certificate authority of the test's own, made by the openssl command in a directory that goes away. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends AsyncDisposable {
  /** For NODE_EXTRA_CA_CERTS. */
  readonly file: string;
  /** Signed by the authority for such names: "DNS:localhost,IP:127.0.0.1". */
  issue(names: string): Promise<Certificate>;
}

const run = promisify(execFile);
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export const authority = async (): Promise<Authority> => {
  const directory = await mkdtemp(join(tmpdir(), "squall-ca-"));
  const at = (name: string): string => join(directory, name);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    try {
      await run("openssl", args, { cwd: directory });
    } catch (error) {
      throw new Error("the openssl command (apt-get install openssl) could not make certificates", {
        cause: error,
      });
    }
  };
  const subject = ["-subj", "/CN=squall test authority", "-days", "2"];
  await openssl("req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", ...subject);
  let serial = 0;
  return {
    file: at("ca.pem"),
    issue: async (names) => {
      const name = `server-${++serial}`;
      await writeFile(at(`${name}.ext`), `subjectAltName=${names}\n`);
      await openssl(
        "req",
        "-new",
        ...NEW_KEY,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        "/CN=server",
      );
      const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", String(serial), "-days", "2"];
      await openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        ...signed,
        "-extfile",
        `${name}.ext`,
        "-out",
        `${name}.pem`,
      );
      return {
        cert: await readFile(at(`${name}.pem`), "utf8"),
        key: await readFile(at(`${name}.key`), "utf8"),
      };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
};
