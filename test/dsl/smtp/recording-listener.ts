import { listenSmtp, type SmtpListener, type SmtpListenerOptions } from '#infra/smtp/listen'
import type { MailParameters, MailSession, SmtpConnection, SmtpLimits } from '#infra/smtp/port'
import type { Reply } from '#domain/message/reply'
import { tlsMaterial } from './tls-material.ts'

interface RecordedMail {
  readonly reversePath: string | null
  readonly parameters: MailParameters
  readonly recipients: readonly string[]
  readonly content: Buffer
  readonly headerBlock: string | null
  readonly connection: SmtpConnection
}

interface RecordedRefusal {
  readonly stage: string
  readonly reply: Reply
  readonly check: string
}

export interface RecordingListener extends SmtpListener {
  readonly mails: RecordedMail[]
  readonly refusals: RecordedRefusal[]
  /** Calls of session methods that are no mail: `reset`, `logout`, `aborted`. */
  readonly calls: string[]
  /** What was logged as an error or warning. */
  readonly incidents: object[]
  /** Changed at will: the listener reads it anew. */
  limits: SmtpLimits
}

export const generousLimits: SmtpLimits = {
  messageSize: 1024 * 1024,
  recipientsPerMail: 1_000,
  mailsPerConnection: 1_000,
  errorsPerConnection: 50,
  connections: 100,
  connectionsPerAddress: 100,
  commandLine: 4_096,
  dataLine: 100_000,
  headerSize: 256 * 1024,
  headerCount: 2_000,
  receivedHops: 30,
  idleTimeout: 60_000,
  dataTimeout: 60_000,
  sessionTimeout: 600_000,
  bareLineEnds: 'reject',
}

/** A listener on a free loopback port that accepts every mail and remembers it. `session` replaces methods. */
export const recordingListener = async ({
  limits = {},
  session = {},
  ...options
}: Partial<Omit<SmtpListenerOptions, 'limits'>> & {
  limits?: Partial<SmtpLimits>
  session?: Partial<MailSession>
} = {}): Promise<RecordingListener> => {
  const mails: RecordedMail[] = []
  const refusals: RecordedRefusal[] = []
  const calls: string[] = []
  const incidents: object[] = []
  const current = { limits: { ...generousLimits, ...limits } }
  const log = (fields: object, text: string): void => void incidents.push({ ...fields, text })
  const listener = await listenSmtp({
    bind: '127.0.0.1',
    port: 0,
    hostname: 'mx.test',
    tls: await tlsMaterial(),
    mode: 'mx',
    sessions: {
      connect: async (connection) => recorder(connection, mails, calls, session),
      refused: (_connection, stage, reply, check) => void refusals.push({ stage, reply, check }),
    },
    log: { warn: log, error: log },
    ...options,
    limits: () => current.limits,
  })
  return {
    mails,
    refusals,
    calls,
    incidents,
    address: listener.address,
    port: listener.port,
    get connections() {
      return listener.connections
    },
    reloadTls: () => listener.reloadTls(),
    close: (graceMs) => listener.close(graceMs),
    get limits() {
      return current.limits
    },
    set limits(limits) {
      current.limits = limits
    },
  }
}

const recorder = (
  connection: SmtpConnection,
  mails: RecordedMail[],
  calls: string[],
  session: Partial<MailSession>,
): MailSession => {
  let from: { reversePath: string | null; parameters: MailParameters } | null = null
  let recipients: string[] = []
  return {
    mail: async (reversePath, parameters) => {
      from = { reversePath, parameters }
      recipients = []
    },
    rcpt: async (forwardPath) => void recipients.push(forwardPath),
    data: async (message, header) => {
      const parts: Buffer[] = []
      try {
        for await (const octets of message) parts.push(Buffer.from(octets))
      } catch (error) {
        calls.push('aborted')
        throw error
      }
      if (from === null) throw new Error('DATA without MAIL')
      const block = header?.headerBlock() ?? null
      const headerBlock = block === null ? null : Buffer.from(block).toString('latin1')
      mails.push({ ...from, recipients, content: Buffer.concat(parts), headerBlock, connection })
      return { code: 250, enhancedCode: '2.0.0', text: `Ok: ${mails.length}` }
    },
    reset: () => void calls.push('reset'),
    logout: () => void calls.push('logout'),
    ...session,
  }
}
