import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import type { ArchiveCommand } from '#domain/archive/commands'
import { archiveStream, MOST_PURGED, type ArchiveEvent } from '#domain/archive/events'
import { isDeclined } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, judge, recordScan, scored } from '#test/dsl/mail'
import type { ArchivedRow } from '#projections/archive-index/projection'
import { purgeArchives, tellPurged, type PurgeParts } from './purge.ts'

const here = installation()
const officer = { kind: 'account', address: 'olga@one.test', roles: ['compliance'] } as const
const admin = { kind: 'operator' } as const
let people = 0
let account = ''

const parts = (): PurgeParts => {
  const { parts: all, clock } = here.api
  return { ...all, log: all.events, clock: () => clock.now, logger: pino({ level: 'silent' }) }
}
const purge = async (): Promise<number> => purgeArchives(parts(), new AbortController().signal)
const policy = async (document: Record<string, unknown>): Promise<void> => {
  const command = { kind: 'set-policy', name: 'archive', document, reason: 'spec' } as const
  const outcome = await here.api.parts.commands.policy('archive', command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
  // What is archived from here on has it as it is now.
  here.api.clock.now += 1
}
const set = async (command: ArchiveCommand): Promise<void> => {
  const outcome = await here.api.parts.commands.archive(account, command, here.api.asked())
  if (isDeclined(outcome)) throw new Error(outcome.reason)
}
/** A copy of this account's that was archived now, with that many days to keep. */
const copy = async (days: number | null, dueAt = here.api.clock.now): Promise<string> => {
  const retainUntil = days === null ? null : dueAt + days * DAY
  return here.api.mail(
    [{ address: account, mailbox: account }],
    { size: 100 },
    recordScan(clean),
    judge(scored(account, 0)),
    archive(account, { dueAt, retainUntil }),
  )
}
const left = async (): Promise<string[]> => {
  await here.api.settled()
  return here.api.parts.views
    .select<ArchivedRow>('archive-index', 'SELECT * FROM {copies} WHERE account = :account ORDER BY id', { account })
    .map(({ mail }) => mail)
}
const purges = async () =>
  ((await here.api.parts.events.readStream(archiveStream(account))) as unknown as ArchiveEvent[]).flatMap((event) =>
    event.type === 'Purged' ? [event.data] : [],
  )
const pass = (days: number): void => {
  here.api.clock.now += days * DAY
}

beforeEach(() => {
  account = `person${++people}@one.test`
})

it('removes nothing unless policy says so', async () => {
  await policy({})
  const mail = await copy(1)
  pass(2)
  expect(await purge()).toBe(0)
  expect(await left()).toEqual([mail])
})

it('removes what is expired, says what and why, and nothing else', async () => {
  await policy({ purge: 'expired' })
  const expired = await copy(1)
  const kept = [await copy(30), await copy(null)]
  pass(2)
  expect(await purge()).toBe(1)
  expect(await left()).toEqual(kept)
  expect(await purges()).toMatchObject([
    { batch: 1, because: 'retention', copies: [{ mail: expired, role: 'received', size: 100 }] },
  ])
  expect(await purge()).toBe(0)
  expect(await here.api.parts.views.get('archive-accounts', 'accounts', [account])).toMatchObject({
    copies: 2,
    usedBytes: 200,
  })
})

it('a hold wins, also over a purge that has begun', async () => {
  await policy({ purge: 'expired' })
  const mails = (await Promise.all(Array.from({ length: MOST_PURGED + 30 }, () => copy(1)))).toSorted()
  pass(2)
  await here.api.settled()
  const stopping = new AbortController()
  const { commands } = here.api.parts
  let batches = 0
  // Between the first batch and the second an officer places a hold.
  const purging: PurgeParts = {
    ...parts(),
    commands: {
      mail: (...asked) => commands.mail(...asked),
      archive: async (owner, command, asked) => {
        if (command.kind === 'purge' && ++batches === 2)
          await set({
            kind: 'place-hold',
            wanted: { hold: 'h1', name: 'Case', from: null, until: null, query: null, reason: 'court' },
            now: here.api.clock.now,
            asker: officer,
          } as Extract<ArchiveCommand, { kind: 'place-hold' }>)
        return commands.archive(owner, command, asked)
      },
    },
  }
  expect(await purgeArchives(purging, stopping.signal)).toBe(MOST_PURGED)
  expect(batches).toBe(2)
  expect(await left()).toEqual(mails.slice(MOST_PURGED))
  expect(await purge()).toBe(0)
  await set({ kind: 'lift-hold', hold: 'h1', reason: 'over', now: here.api.clock.now, asker: officer })
  expect(await purge()).toBe(30)
})

it('a longer time that was set afterwards keeps what is there', async () => {
  await policy({ purge: 'expired' })
  const mail = await copy(1)
  await set({ kind: 'set-retention', days: 10, now: here.api.clock.now + 1, asker: admin })
  pass(2)
  expect(await purge()).toBe(0)
  await set({ kind: 'set-retention', days: 1, now: here.api.clock.now, asker: admin })
  expect(await purge()).toBe(0)
  expect(await left()).toEqual([mail])
  pass(9)
  expect(await purge()).toBe(1)
})

it('the oldest that are expired make room, where policy wants it, and no more than is needed', async () => {
  await policy({ whenFull: 'make-room' })
  await set({ kind: 'set-archive-quota', bytes: 350, asker: admin })
  const ever = await copy(null)
  pass(1)
  const expired = [await copy(1), await copy(1), await copy(1)]
  pass(3)
  const newest = await copy(30)
  expect(await left()).toEqual([ever, ...expired, newest])
  expect(await purge()).toBe(2)
  expect(await left()).toEqual([ever, expired[2], newest])
  expect(await purges()).toMatchObject([{ because: 'room' }])
  expect(await purge()).toBe(0)
})

it('mails that a crash left untold are told by whoever comes next, once', async () => {
  await policy({ purge: 'expired' })
  await purge()
  const mail = await copy(1)
  pass(2)
  await here.api.settled()
  const { commands } = here.api.parts
  const crashing: PurgeParts = {
    ...parts(),
    commands: {
      archive: (...asked) => commands.archive(...asked),
      mail: () => Promise.reject(new Error('the process is gone')),
    },
  }
  await expect(purgeArchives(crashing, new AbortController().signal)).rejects.toThrow('the process is gone')
  expect(await left()).toEqual([mail])
  const [batch] = await purges()
  await tellPurged(parts(), account, batch!)
  await tellPurged(parts(), account, batch!)
  expect(await left()).toEqual([])
  expect(await purge()).toBe(0)
  expect(await purges()).toHaveLength(1)
})
