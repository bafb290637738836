import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Certificate } from "./certificates.ts";
import { listen } from "./peers.ts";

/** A connection that has come up: its TLS, and the TCP below it, which alone can be reset. */
export interface SecureConnection {
  readonly tls: TLSSocket;
  readonly tcp: Socket;
  /** SNI; false where none was sent. */
  readonly serverName: string | false;
  /** What ALPN agreed upon; false where it was not used. */
  readonly alpn: string | false | null;
}

/** A TLS server on a free port. `protocols`: what it speaks by ALPN. */
export const secureServer = (
  certificate: Certificate,
  onConnection: (connection: SecureConnection) => void,
  protocols: readonly string[] = ["http/1.1"],
): Promise<Server & AsyncDisposable & { port: number }> =>
  listen((tcp) => {
    const tls = new TLSSocket(tcp, {
      isServer: true,
      ...certificate,
      // The type wants a mutable list.
      ALPNProtocols: [...protocols],
    });
    tls.on("error", () => {});
    tls.on("end", () => tls.end());
    void once(tls, "secure").then(
      () => onConnection({ tls, tcp, serverName: servername(tls), alpn: tls.alpnProtocol }),
      () => {},
    );
  });

/** Known to servers too, though the types give it to nobody. */
const servername = (tls: TLSSocket): string | false =>
  (tls as TLSSocket & { readonly servername?: string | false }).servername ?? false;

/** Calls `onRequest` with each request head that came over the connection. */
export const onRequests = ({ tls }: SecureConnection, onRequest: (head: string) => void): void => {
  let text = "";
  tls.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
      const head = text.slice(0, end + 4);
      text = text.slice(end + 4);
      onRequest(head);
    }
  });
};
