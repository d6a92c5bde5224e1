import { TLSSocket } from 'node:tls'
import type { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import type { Dialogue } from './dialogue.ts'
import type { SmtpConnection } from './port.ts'

/** What a session may know of its connection: a live view. */
export const factsOf = (
  connection: SMTPConnection & { readonly account: string | null },
  dialogue: () => Dialogue | null,
  silence: (ms: number) => Promise<boolean>,
): SmtpConnection => ({
  id: connection.id,
  remoteAddress: connection.remoteAddress,
  localPort: connection.localPort,
  get helo() {
    return dialogue()?.helo ?? null
  },
  get esmtp() {
    return dialogue()?.esmtp ?? false
  },
  get tls() {
    const socket = connection._socket
    if (!connection.secure || !(socket instanceof TLSSocket)) return null
    return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name }
  },
  get account() {
    return connection.account
  },
  silence,
})
