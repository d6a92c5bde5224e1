import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ArchiveCommand } from '#domain/archive/commands'
import { DUE_TYPES } from '#domain/archive/due'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import type { MailCommand } from '#domain/mail/commands'
import { mailStream, type MailEvent, type Recipient } from '#domain/mail/events'
import { owedCopies } from '#infra/commands/owed-copies'
import { installation } from '#test/dsl/api-installation'
import {
  accept,
  clean,
  infected,
  judge,
  recipients,
  recordReleaseScan,
  recordScan,
  requestRelease,
  scanner,
  scored,
} from '#test/dsl/mail'
import { eventually } from '#test/dsl/story'
import { Archivist } from './archivist.ts'

const here = installation()
const ANN = 'ann@one.test'
const BEN = 'ben@one.test'
const UMA = 'uma@two.test'
const admin = { kind: 'operator' } as const

const running: Archivist[] = []
const start = async (): Promise<Archivist> => {
  const { parts, clock } = here.api
  const archivist = new Archivist({
    ...parts,
    log: parts.events,
    terms: parts.archiveTerms,
    clock: () => clock.now,
    logger: pino({ level: 'silent' }),
  })
  running.push(archivist)
  await archivist.start()
  return archivist
}
const stop = async (): Promise<void> => {
  for (const one of running.splice(0)) await one.stop()
}
afterEach(stop)

const set = async (account: string, command: ArchiveCommand): Promise<void> => {
  const outcome = await here.api.parts.commands.archive(account, command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
}
const subscribe = (account: string, subscribed: boolean | null): Promise<void> =>
  set(account, { kind: 'set-subscription', subscribed, asker: admin })
const byDomain = async (name: string, subscribed: boolean): Promise<void> => {
  await here.api.parts.commands.hostedDomain(name, { kind: 'set-archive-default', subscribed }, here.api.asked())
}
const policy = async (document: Record<string, unknown>): Promise<void> => {
  const command = { kind: 'set-policy', name: 'archive', document, reason: 'spec' } as const
  const outcome = await here.api.parts.commands.policy('archive', command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
}

beforeEach(async () => {
  for (const account of [ANN, BEN, UMA]) await subscribe(account, null)
  await byDomain('one.test', false)
  await byDomain('two.test', false)
  await policy({})
})

const to = (...mailboxes: string[]) => mailboxes.map((mailbox) => ({ address: mailbox, mailbox }))
/** Inbound, cleared for some and held for the others. */
const inbound = (cleared: readonly string[], held: readonly string[] = []): Promise<string> =>
  here.api.mail(
    to(...cleared, ...held),
    {},
    recordScan(clean),
    judge(...cleared.map((one) => scored(one, 0)), ...held.map((one) => scored(one, 9))),
  )

const ORIGINAL =
  'From: ann@one.test\r\nTo: Ben <ben@one.test>,\r\n uma@two.test\r\nBcc: dora@one.test\r\nSubject: Hello\r\n\r\nHi\r\n'
const OUTGOING = ORIGINAL.replace(/Bcc:.*\r\n/, 'Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n')
let submissions = 0
const submission = async (to: readonly Recipient[]): Promise<string> => {
  const id = `01JNB${String(++submissions).padStart(21, '0')}`
  const { content, commands } = here.api.parts
  const original = await content.put(Buffer.from(ORIGINAL))
  const outgoing = await content.put(Buffer.from(OUTGOING))
  const command: MailCommand = {
    ...accept(to, 'submission', {
      account: ANN,
      contentHash: original.hash,
      size: original.size,
      outgoing: { contentHash: outgoing.hash, size: outgoing.size },
      acceptedAt: here.api.clock.now,
    }),
    scanner,
  }
  const outcome = await commands.mail(id, command, { ...here.api.asked(), newStream: true })
  if (isDeclined(outcome)) throw new Error(outcome.reason)
  return id
}

const copiesOf = async (id: string) =>
  ((await here.api.parts.events.readStream(mailStream(id))) as unknown as MailEvent[]).flatMap((event) =>
    event.type === 'Archived' ? [event.data] : [],
  )
const names = async (id: string): Promise<string[]> =>
  (await copiesOf(id)).map(({ account, role }) => `${role} ${account}`).toSorted()
const comesTo = (id: string, ...expected: string[]) => eventually(async () => expect(await names(id)).toEqual(expected))
/** Whatever may have become due before has been looked at. */
const settled = async (): Promise<void> => {
  const { events: log } = here.api.parts
  const newest = await log.lastPosition({ categories: ['mail'], types: DUE_TYPES })
  await eventually(async () => {
    const { checkpoint, inFlight } = await log.groupStatus('archivist')
    expect([inFlight, checkpoint !== null && newest !== null && checkpoint >= newest]).toEqual([0, true])
  })
}

it('what counts is who was subscribed when the copy became due, however late it is made', async () => {
  await subscribe(ANN, true)
  const then = await inbound([ANN, BEN])
  await subscribe(ANN, false)
  await subscribe(BEN, true)
  const after = await inbound([ANN, BEN])
  await start()
  await settled()
  expect([await names(then), await names(after)]).toEqual([[`received ${ANN}`], [`received ${BEN}`]])
})

it('a domain speaks for those who say nothing themselves', async () => {
  await byDomain('one.test', true)
  await subscribe(BEN, false)
  await start()
  const id = await inbound([ANN, BEN, UMA])
  await comesTo(id, `received ${ANN}`)
  await byDomain('one.test', false)
  const later = await inbound([ANN])
  await settled()
  expect(await names(later)).toEqual([])
  expect(await names(id)).toEqual([`received ${ANN}`])
})

it('a group that only sends on to addresses outside has no archive, whoever its domain subscribes', async () => {
  await byDomain('one.test', true)
  await start()
  const team = 'team@one.test'
  const id = await here.api.mail(
    [
      { address: team, mailbox: ANN },
      { address: team, mailbox: team, forward: { to: ['cid@example.net'], as: 'group' } },
    ] as Parameters<typeof here.api.mail>[0],
    {},
    recordScan(clean),
    judge(scored(ANN, 0), scored(team, 0)),
  )
  await settled()
  expect(await names(id)).toEqual([`received ${ANN}`])
})

it('a submission is kept as it was submitted by who sent it, and as it went out by who got it', async () => {
  await subscribe(ANN, true)
  await subscribe(UMA, true)
  await start()
  const outside = { address: 'cid@example.net', mailbox: 'cid@example.net', route: 'relay' } as const
  const id = await submission([...recipients(BEN, UMA, 'dora@one.test'), outside])
  await comesTo(id, `received ${UMA}`, `sent ${ANN}`)
  const [received, sent] = (await copiesOf(id)).toSorted((one, other) => (one.role < other.role ? -1 : 1))
  const read = async (hash = ''): Promise<string> => (await here.api.parts.content.read(hash, 10_000)).toString()
  expect(await read(sent?.contentHash)).toBe(ORIGINAL)
  expect(await read(received?.contentHash)).toBe(OUTGOING)
  expect(sent?.to).toEqual([
    { address: BEN, name: 'Ben' },
    { address: UMA, name: null },
  ])
  expect(JSON.stringify(received)).not.toContain('dora')
})

it('held mail is due when it is released, and a virus that never is, never', async () => {
  await subscribe(ANN, true)
  await start()
  const held = await inbound([], [ANN])
  const virus = await here.api.mail(to(ANN), {}, recordScan(infected))
  await settled()
  expect(await names(held)).toEqual([])
  await here.api.mailCommand(held, requestRelease(ANN))
  await here.api.mailCommand(held, recordReleaseScan(clean))
  await comesTo(held, `received ${ANN}`)
  expect(await names(virus)).toEqual([])
})

it('where policy wants it, held mail is due at once, but for viruses, and once', async () => {
  await subscribe(ANN, true)
  await policy({ quarantined: true })
  await start()
  const held = await inbound([], [ANN])
  const virus = await here.api.mail(to(ANN), {}, recordScan(infected))
  await comesTo(held, `received ${ANN}`)
  await here.api.mailCommand(held, requestRelease(ANN))
  await here.api.mailCommand(held, recordReleaseScan(clean))
  await settled()
  expect(await names(held)).toEqual([`received ${ANN}`])
  expect(await names(virus)).toEqual([])
})

it('the stamp is what was in force when the copy became due', async () => {
  await subscribe(ANN, true)
  await policy({ retentionDays: 10 })
  const ten = await inbound([ANN])
  await set(ANN, { kind: 'set-retention', days: 3, now: here.api.clock.now, asker: admin })
  const three = await inbound([ANN])
  await set(ANN, { kind: 'set-retention', days: null, now: here.api.clock.now, asker: admin })
  const ever = await inbound([ANN])
  await start()
  for (const [id, days] of [
    [ten, 10],
    [three, 3],
    [ever, null],
  ] as const) {
    const [copy] = await eventually(async () => {
      const copies = await copiesOf(id)
      expect(copies).toHaveLength(1)
      return copies
    })
    expect(copy?.retainUntil).toBe(days === null ? null : copy!.dueAt + days * DAY)
  }
})

it('stopped and started again, and with a second one beside it, each copy is made once and none is forgotten', async () => {
  await byDomain('one.test', true)
  const ids: string[] = []
  for (let round = 0; round < 6; round++) {
    await start()
    if (round % 2 === 1) await start()
    for (let count = 0; count < 5; count++) ids.push(await inbound([ANN, BEN]))
    await stop()
  }
  await start()
  await settled()
  for (const id of ids) expect(await names(id)).toEqual([`received ${ANN}`, `received ${BEN}`])
  const { events: log, archiveTerms: terms } = here.api.parts
  for (const id of ids) expect(await owedCopies({ log, terms }, id)).toEqual([])
})

it('whoever asks what is owed gets the same answer before it is made', async () => {
  await subscribe(ANN, true)
  const id = await submission(recipients(ANN, BEN))
  await subscribe(ANN, false)
  const { events: log, archiveTerms: terms } = here.api.parts
  expect((await owedCopies({ log, terms }, id)).map(({ account, role }) => `${role} ${account}`)).toEqual([
    `sent ${ANN}`,
    `received ${ANN}`,
  ])
})
