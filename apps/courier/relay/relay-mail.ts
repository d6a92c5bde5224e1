import { mailStream, type Transport } from '#domain/mail/events'
import { nextStep } from '#domain/mail/next-step'
import { recipientOf, type Mail, type MailState, type RecipientState } from '#domain/mail/state'
import { parseDomainName } from '#domain/message/domain-name'
import { domainOf, localPartOf } from '#domain/message/mailbox'
import { formatReply, type Reply } from '#domain/message/reply'
import { classify } from '#domain/relay/replies'
import type { Candidate } from '#domain/relay/waiting'
import { aggregates } from '#infra/commands/aggregates'
import type { StreamStates } from '#infra/commands/stream-states'
import type { DeliveryClaims } from '../claims.ts'
import { handOver, type HandOverParts, type RelayedOver } from './hand-over.ts'
import type { OutgoingMessages } from './message.ts'
import { record, type RecordingParts, type Settled } from './record.ts'
import { reversePathFor, rewrittenFor, type ReversePathParts } from './reverse-path.ts'
import type { Route } from './route.ts'

export interface RelayMailParts extends HandOverParts, RecordingParts, ReversePathParts {
  readonly states: StreamStates
  readonly claims: DeliveryClaims
  readonly messages: OutgoingMessages
  /** Our own addresses from which the mail of a domain goes, those whose turn it is first; none: the machine chooses. */
  readonly sendingAddresses: (domain: string) => readonly string[]
  /** The destination of a domain, where it is known: its mail goes along with that of others there. */
  readonly destinationOf: (domain: string) => string | undefined
  readonly node: string
}

interface Owed {
  readonly recipient: RecipientState
  readonly attempt: number
}

/** Transactions that one mail may take to one destination in one turn: servers say how many recipients they take by refusing more. */
const MOST_TRANSACTIONS = 100

/**
 * One turn of a mail at one destination: what is owed to its recipients there, decided on the newest state of the mail, in as few transactions
 * as may be. Answers the revision up to which it saw to them.
 */
export const relayMail = async (
  parts: RelayMailParts,
  { mail: mailId, domain, revision }: Candidate,
  route: Route,
  suspended: boolean,
): Promise<number> => {
  const { states, claims, hostedDomains, policies } = parts
  await Promise.all([policies.fresh(), hostedDomains.fresh()])
  const loaded = await states.loadAtLeast(aggregates.mail, mailStream(mailId), revision)
  const isHere = (to: string): boolean =>
    to === domain || (route.is === 'hosts' && parts.destinationOf(to) === route.key)
  const owed = owedTo(parts, loaded.state, isHere).filter(({ recipient }) => !inHand.has(handOf(mailId, recipient)))
  // What is recorded below lies beyond it: a row that shows that is a new matter.
  const seenTo = loaded.revision ?? revision
  if (loaded.state === null || owed.length === 0) return seenTo
  const hands = new Set(owed.map(({ recipient }) => handOf(mailId, recipient)))
  for (const hand of hands) inHand.add(hand)
  let isDone = false
  try {
    const recipients = owed.map(({ recipient }) => recipient.mailbox)
    await claims.during({ mailId, mail: loaded.state, recipients, claimed: () => {} }, async (mail, mine, lost) => {
      const still = owedTo(parts, mail, isHere).filter(
        ({ recipient }) => mine.has(recipient.mailbox) && hands.has(handOf(mailId, recipient)),
      )
      isDone = await turn(parts, { mailId, mail, route, suspended, lost }, still)
    })
  } finally {
    for (const hand of hands) inHand.delete(hand)
  }
  // Another node has it, or not all could be tried: the rows are found as they are.
  return isDone ? seenTo : NOTHING_SEEN
}

const NOTHING_SEEN = -1

/** Recipients that a turn is under way for: a mail may be at one destination under two domains. */
const inHand = new Set<string>()
const handOf = (mailId: string, { mailbox }: RecipientState): string => `${mailId} ${mailbox}`

const owedTo = (
  { clock, node }: RelayMailParts,
  mail: MailState,
  isHere: (domain: string) => boolean,
): readonly Owed[] => {
  const now = clock()
  return nextStep(mail, node).deliveries.flatMap(({ recipient: mailbox, attempt, dueAt }) => {
    const recipient = mail === null ? undefined : recipientOf(mail, mailbox)
    const due = dueAt === null || dueAt <= now
    return recipient?.route === 'relay' && due && isHere(domainOf(mailbox)) ? [{ recipient, attempt }] : []
  })
}

type HostsRoute = Extract<Route, { is: 'hosts' }>

interface Turn {
  readonly mailId: string
  readonly mail: Mail
  readonly route: Route
  readonly suspended: boolean
  readonly lost: AbortSignal
}

/** Answers whether all of them had their attempt. */
const turn = async (parts: RelayMailParts, turnOf: Turn, owed: readonly Owed[]): Promise<boolean> => {
  const { route, suspended } = turnOf
  if (route.is === 'unroutable') return recordAll(parts, turnOf, owed, said(route.reply, domainHost(owed)))
  if (suspended)
    return recordAll(parts, turnOf, owed, said(parts.destinations.lastReply(route.key) ?? restful, domainHost(owed)))
  // One transaction has one reverse-path.
  let all = true
  for (const [domain, some] of Map.groupBy(owed, ({ recipient }) => rewrittenFor(parts, turnOf.mail, recipient)))
    if (!(await transactions(parts, turnOf, route, domain, some))) all = false
  return all
}

/** `rewritten`: the domain of ours whose return address they go out from; null: from the mail's own. */
const transactions = async (
  parts: RelayMailParts,
  turnOf: Turn,
  route: HostsRoute,
  rewritten: string | null,
  owed: readonly Owed[],
): Promise<boolean> => {
  const reversePath = await reversePathFor(parts, turnOf.mailId, turnOf.mail, rewritten)
  const most = parts.policies.current('relay').document.recipientsPerTransaction
  let waiting = owed
  let size = most
  for (let count = 0; waiting.length > 0 && count < MOST_TRANSACTIONS && !turnOf.lost.aborted; count++) {
    const now = waiting.slice(0, size)
    const over = await oneTransaction(parts, turnOf, route, reversePath, now)
    note(parts, route.key, over)
    const again = now.filter((_, place) => isTooMany(over, place))
    // A server that takes none of them has no room for one either: that is no matter of how many.
    const retried = again.length < now.length ? again : []
    const settled = now.flatMap((one, place): Settled[] => {
      const { reply = restful, uncertain = false } = over.outcomes[place] ?? {}
      return retried.includes(one) ? [] : [{ ...one, reply: laterIfTooMany(reply), uncertain }]
    })
    await record(parts, turnOf, over, settled)
    waiting = [...retried, ...waiting.slice(size)]
    if (retried.length > 0) size = Math.max(1, now.length - retried.length)
    if (over.away)
      return recordAll(parts, turnOf, waiting, said(over.outcomes[0]?.reply ?? restful, over.host, over.transport))
  }
  return waiting.length === 0
}

const oneTransaction = async (
  parts: RelayMailParts,
  { mailId, mail }: Turn,
  route: HostsRoute,
  reversePath: string | null,
  owed: readonly Owed[],
): Promise<RelayedOver> => {
  const { headerFrom, dsn } = mail.accepted
  const [first, ...others] = owed
  const message = await parts.messages.of(mailId, mail, others.length === 0 ? (first?.recipient.address ?? null) : null)
  const home = domainOf(reversePath ?? first?.recipient.forwardedBy ?? headerFrom?.address ?? '')
  const { perDestination, timeouts } = parts.policies.current('relay').document
  return handOver(
    parts,
    route,
    {
      reversePath: reversePath === null ? null : inALabels(reversePath),
      recipients: owed.map(({ recipient }) => inALabels(recipient.mailbox)),
      size: message.size,
      needsSmtputf8: message.needsSmtputf8,
      has8Bit: () => message.has8Bit(),
      ...(mail.accepted.flow === 'submission'
        ? {
            notifications: {
              ret: dsn?.ret ?? null,
              envid: dsn?.envid ?? null,
              of: owed.map(({ recipient }) => recipient.notification ?? null),
            },
          }
        : {}),
      open: () => message.open(),
    },
    { connections: perDestination, deadlines: timeouts, from: parts.sendingAddresses(home) },
  )
}

/** As servers without SMTPUTF8 take it, if its local part is ASCII. A name that is none (an address literal) stays as it is. */
const inALabels = (address: string): string => {
  const domain = domainOf(address)
  return `${localPartOf(address)}@${parseDomainName(domain) ?? domain}`
}

/** What the reply says of the whole destination. */
const note = ({ destinations, clock, logger }: RelayMailParts, key: string, over: RelayedOver): void => {
  const replies = over.outcomes.map(({ reply }) => reply)
  const rests = over.away ? replies[0] : replies.find((reply) => classify(reply).rests)
  if (rests === undefined) destinations.worked(key)
  else destinations.failed(key, rests, clock())
  const about = replies.find((reply) => classify(reply).reputation)
  if (about !== undefined)
    logger.error({ host: over.host, reply: formatReply(about) }, 'a server refuses mail because of who we are')
}

const isTooMany = ({ outcomes }: RelayedOver, place: number): boolean => {
  const reply = outcomes[place]?.reply
  return reply !== undefined && classify(reply).outcome === 'again-at-once'
}

/** Too many, though there was but one left: no reason to give up on it. */
const laterIfTooMany = (reply: Reply): Reply =>
  classify(reply).outcome === 'again-at-once' && reply.code >= 500
    ? { ...reply, code: 452, enhancedCode: '4.5.3' }
    : reply

const said = (reply: Reply, host: string, transport: Transport | null = null): RelayedOver => ({
  outcomes: [{ reply, uncertain: false }],
  host,
  transport,
  away: true,
})

const domainHost = (owed: readonly Owed[]): string => domainOf(owed[0]?.recipient.mailbox ?? '')

const restful: Reply = {
  code: 451,
  enhancedCode: '4.4.1',
  text: 'The servers of this domain can not be used at the moment',
}

const recordAll = async (
  parts: RelayMailParts,
  turnOf: Turn,
  owed: readonly Owed[],
  over: RelayedOver,
): Promise<true> => {
  const reply = over.outcomes[0]?.reply ?? restful
  await record(
    parts,
    turnOf,
    over,
    owed.map((one) => ({ ...one, reply, uncertain: false })),
  )
  return true
}
