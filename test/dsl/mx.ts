import { pino } from 'pino'
import { monotonicFactory } from 'ulid'
import { afterEach } from 'vitest'
import { MxSessions } from '#apps/mx/mx-sessions'
import { Recipients } from '#apps/mx/recipients'
import { Returns } from '#apps/mx/returns'
import { policyDocument } from '#domain/policy/documents'
import { ReturnAddresses } from '#infra/commands/return-addresses'
import { listenSmtp, type SmtpListener } from '#infra/smtp/listen'
import type { Installation } from './api-installation.ts'
import { scriptedDns } from './dns.ts'

export interface Pressed {
  readonly backlog?: number
  readonly freeBytes?: number
  readonly directoryAway?: boolean
}

/** An MX listener over the real parts of an installation, under a pressure that the spec says; closed after each test. */
export const mxListener = (here: Installation) => {
  const open: SmtpListener[] = []
  afterEach(async () => {
    for (const listener of open.splice(0)) await listener.close(0)
  })
  return async ({ backlog = 0, freeBytes = 1e12, directoryAway = false }: Pressed = {}): Promise<{
    readonly port: number
    readonly refused: readonly string[]
  }> => {
    const { parts } = here.api
    const refused: string[] = []
    const logger = pino({ level: 'silent' })
    const listener = await listenSmtp({
      bind: '127.0.0.1',
      port: 0,
      hostname: 'mx.one.test',
      tls: null,
      mode: 'mx',
      log: logger,
      limits: () => ({ ...policyDocument('edge', {}).limits, bareLineEnds: 'reject' }),
      sessions: new MxSessions({
        ...parts,
        recipients: new Recipients(
          directoryAway ? { lastPosition: () => Promise.resolve('99999999999999999999' as never) } : parts.events,
          parts.views,
        ),
        returns: new Returns({ ...parts, returnAddresses: returnAddressesOf(here), clock: parts.now }),
        dns: scriptedDns(),
        logger,
        metrics: { accepted: () => {}, refused: (stage, check) => refused.push(`${stage} ${check}`) },
        pressure: { backlog: () => backlog, freeBytes: () => freeBytes },
        clock: parts.now,
        newMailId: monotonicFactory(),
        hostname: 'mx.one.test',
      }),
    })
    open.push(listener)
    return { port: listener.port, refused }
  }
}

export const returnAddressesOf = ({ api: { parts } }: Installation): ReturnAddresses =>
  new ReturnAddresses({ log: parts.events, commands: parts.commands, secrets: parts.secrets, clock: parts.now })
