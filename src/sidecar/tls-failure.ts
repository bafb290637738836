/** A server was reached, and TLS with it is impossible: its certificate is not trusted, or it speaks something else. */
export class TlsFailure extends Error {}

/** OpenSSL's verify results, and Node's own codes (https://nodejs.org/api/tls.html, "X509 certificate error codes"). */
const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_MISMATCH)/;

/** The failure in words that a service's log should show; null for any other error, such as a refused connection. */
export const tlsFailure = (error: unknown, host: string, port: number): TlsFailure | null => {
  if (!(error instanceof Error)) return null;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !TLS_CODES.test(code)) return null;
  // OpenSSL's own messages are internals behind a colon; Node adds hints behind a semicolon.
  const reason = code.startsWith("ERR_SSL_") ? "the handshake failed" : error.message.split(";", 1)[0];
  return new TlsFailure(
    `squall's sidecar can not speak TLS with ${host}:${port}: ${reason} (${code}). ` +
      "Check the dependency's URL; for a certificate authority of your own set NODE_EXTRA_CA_CERTS to its file where squall is started.",
  );
};

/** What the caller is told of it. A reset would look like a fault of the network. */
export const badGateway = ({ message }: TlsFailure) => ({
  status: 502,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: `${message}\n`,
});
