import { isIP } from 'node:net'
import type { Instant } from '#domain/kernel/instant'
import type { Transport } from '#domain/mail/events'
import type { Reply } from '#domain/message/reply'
import type { Deadlines, MailTransport, Outcome, SmtpTarget, Transaction } from '#infra/smtp/client/port'
import { transportWith } from '#infra/tls-policy/port'
import type { Destinations } from './destinations.ts'
import type { Route, RouteHost } from './route.ts'

/** What became of a transaction. */
export interface RelayedOver {
  /** One per recipient, in their order. */
  readonly outcomes: readonly Pick<Outcome, 'reply' | 'uncertain'>[]
  /** Who replied, as the trace shows it: `mx1.example.org:25`. */
  readonly host: string
  readonly transport: Transport | null
  /** No host could be used: nothing was said about this mail. */
  readonly away: boolean
}

export interface HandOverParts {
  readonly transport: MailTransport
  readonly destinations: Destinations
  readonly clock: () => Instant
}

export interface HandOverOptions {
  /** Connections to one host at a time. */
  readonly connections: number
  readonly deadlines: Deadlines
  /** Our own addresses to connect from, the first one of the host's family first; none: the machine chooses. */
  readonly from: readonly string[]
}

/** Connections that are tried before the recipients are deferred. */
const MOST_TRIES = 10

/** Tries the hosts in their order until one speaks about the mail; those that were away a moment ago come last. */
export const handOver = async (
  { transport, destinations, clock }: HandOverParts,
  { hosts }: Extract<Route, { is: 'hosts' }>,
  transaction: Transaction,
  { connections, deadlines, from }: HandOverOptions,
): Promise<RelayedOver> => {
  let last: Omit<RelayedOver, 'outcomes' | 'away'> & { readonly reply: Reply } = nothingTried
  let tries = 0
  const well = hosts.filter((host) => destinations.isWell(healthKey(host), clock()))
  for (const host of [...well, ...hosts.filter((one) => !well.includes(one))]) {
    for (const { address, localAddress } of pairs(host, from)) {
      if (++tries > MOST_TRIES) break
      const target: SmtpTarget = {
        protocol: 'smtp',
        at: { host: host.name, port: host.port },
        address,
        ...(localAddress === null ? {} : { localAddress }),
        tls: host.tls,
        auth: host.auth,
        connections,
        deadlines,
      }
      const sent = await transport.send(target, transaction)
      const spokenTo = sent.transport === null ? null : transportWith(sent.transport, host)
      const name = nameOf(host)
      if (sent.away === null) {
        destinations.worked(healthKey(host))
        return { outcomes: sent.outcomes, host: name, transport: spokenTo, away: false }
      }
      last = { reply: sent.away, host: name, transport: spokenTo ?? notReached(address, host.port) }
      // A host that answered and can't be used is no better at its other addresses.
      if (sent.transport !== null) break
    }
    if (last !== nothingTried) destinations.failed(healthKey(host), last.reply, clock())
  }
  const outcomes = transaction.recipients.map(() => ({ reply: last.reply, uncertain: false }))
  return { outcomes, host: last.host, transport: last.transport, away: true }
}

/** Each address with one of our own of its family. With a pool only families that it has are tried. */
const pairs = (
  { addresses }: RouteHost,
  from: readonly string[],
): readonly { readonly address: string; readonly localAddress: string | null }[] =>
  from.length === 0
    ? addresses.map((address) => ({ address, localAddress: null }))
    : addresses.flatMap((address) => {
        const localAddress = from.find((own) => isIP(own) === isIP(address))
        return localAddress === undefined ? [] : [{ address, localAddress }]
      })

const notReached = (address: string, port: number): Transport => ({
  address: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
  tls: null,
  verifiedBy: null,
  remark: 'no connection came about',
})

const nameOf = ({ name, port }: RouteHost): string => `${name}:${port}`

/** Hosts are told apart from destinations, which may have the same name. */
const healthKey = ({ name, port }: RouteHost): string => `host ${name} ${port}`

const nothingTried = {
  reply: {
    code: 451,
    enhancedCode: '4.4.4',
    text: 'None of the addresses from which this domain sends is of the family of a host that takes the mail',
  },
  host: 'none',
  transport: null,
} as const
