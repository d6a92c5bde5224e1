import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, isDeclined, type Decider } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import type { Asker } from './account/asker.ts'
import type { AccountCommand } from './account/commands.ts'
import { accountDecider } from './account/decider.ts'
import type { Role } from './account/events.ts'
import type { AlarmCommand } from './alarm/commands.ts'
import { alarmDecider } from './alarm/decider.ts'
import type { ApprovalCommand } from './approval/commands.ts'
import { approvalDecider } from './approval/decider.ts'
import type { ArchiveCommand } from './archive/commands.ts'
import { archiveDecider } from './archive/decider.ts'
import type { HostedDomainCommand } from './hosted-domain/commands.ts'
import { hostedDomainDecider } from './hosted-domain/decider.ts'
import type { MailboxListsCommand } from './mailbox/commands.ts'
import { digestDecider, type DigestCommand } from './digest/decider.ts'
import { mailboxListsDecider } from './mailbox/decider.ts'
import type { PolicyCommand } from './policy/commands.ts'
import { policyDecider } from './policy/decider.ts'

const runs = { seed: 20_260_102, numRuns: 200 }
const people = fc.constantFrom('ann@example.org', 'ben@example.org', 'cid@example.org')
const roles = fc.subarray<Role>(['user', 'domain-admin', 'admin', 'compliance'])
const person: fc.Arbitrary<Asker> = fc.record({ kind: fc.constant('account'), address: people, roles })
const operator: fc.Arbitrary<Asker> = fc.constant({ kind: 'operator' })
const system: fc.Arbitrary<Asker> = fc.constant({ kind: 'system' })
const anybody = fc.oneof(person, operator, system)
const hash = fc.constantFrom('A', 'B').map((letter) => `sealed:1:${letter.repeat(16)}:${letter.repeat(22)}`)
const id = fc.constantFrom('1', '2', '3')
const note = fc.constantFrom(null, 'note')
const moment = fc.integer({ min: 0, max: 3 * DAY })

const accountCommand = (asker: fc.Arbitrary<Asker>): fc.Arbitrary<AccountCommand> => {
  const zone = fc.constantFrom('UTC', 'Europe/Zurich', 'Mars/Olympus')
  return fc.oneof(
    fc.record({
      kind: fc.constant('create-account'),
      address: fc.constant('ann@example.org'),
      profile: zone.map((timeZone) => ({ displayName: 'Ann', timeZone, language: 'en', quota: null })),
      roles,
      asker,
    }),
    fc.record({ kind: fc.constant('change-profile'), changes: zone.map((timeZone) => ({ timeZone })), asker }),
    fc.record({ kind: fc.constant('set-password'), hash, asker, approved: fc.boolean() }),
    fc.record({ kind: fc.constant('change-roles'), roles, asker, approved: fc.boolean() }),
    fc.record({ kind: fc.constant('delete-account'), asker }),
    fc.record({
      kind: fc.constant('open-session'),
      session: id,
      tokenHash: id,
      expiresAt: moment,
      clientAddress: fc.constant(null),
    }),
    fc.record({ kind: fc.constant('close-session'), session: id }),
    fc.record({
      kind: fc.constant('issue-token'),
      token: id,
      name: id,
      tokenHash: id,
      scopes: fc.constant(['mails']),
      expiresAt: moment,
      now: moment,
      atMost: fc.constant(DAY),
    }),
    fc.record({ kind: fc.constant('revoke-token'), token: id }),
    fc.record({
      kind: fc.constant('set-forwarding'),
      forwarding: fc.option(
        fc.record({ to: fc.array(fc.constantFrom('x@example.net', 'ben@example.org')), keepCopy: fc.boolean() }),
      ),
      asker,
    }),
  )
}

const hostedDomainCommand: fc.Arbitrary<HostedDomainCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('add-domain'),
    name: fc.constant('example.org'),
    settings: fc.constantFrom({}, { threshold: 7 }),
  }),
  fc.record({ kind: fc.constant('change-domain'), changes: fc.constantFrom({ threshold: 7 }, { threshold: null }) }),
  fc.record({
    kind: fc.constantFrom('claim-address', 'release-address', 'remove-alias', 'remove-group'),
    address: people,
  }),
  fc.record({ kind: fc.constant('add-alias'), address: people, account: people }),
  fc.record({
    kind: fc.constant('define-group'),
    address: people,
    displayName: id,
    members: fc.array(people, { maxLength: 3 }),
  }),
  fc.constant({ kind: 'remove-domain' }),
  fc.record({ kind: fc.constant('set-archive-default'), subscribed: fc.boolean() }),
  fc.record({
    kind: fc.constant('adopt-addresses'),
    accounts: fc.array(people, { maxLength: 2 }),
    aliases: fc.array(fc.record({ address: people, account: people }), { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('withdraw-addresses'), addresses: fc.array(people, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('request-sync'), acceptRemovals: fc.boolean() }),
  fc.record({ kind: fc.constant('start-sync'), now: moment, leaseUntil: moment.map((at) => at + DAY) }),
  fc.record({ kind: fc.constant('fail-sync'), reason: id, nextAt: moment }),
  fc.record({ kind: fc.constant('add-srs-key'), id, key: hash, now: moment.map((at) => at * 30) }),
)

const entry = fc.constantFrom('a@b.net', 'A@B.net', '@b.net', '.b.net', 'nonsense')
const listsCommand: fc.Arbitrary<MailboxListsCommand> = fc.oneof(
  fc.record({ kind: fc.constantFrom('allow-sender', 'block-sender'), entry, note }),
  fc.record({ kind: fc.constant('remove-entry'), entry, list: fc.constantFrom('allow', 'block') }),
)

const policyCommand: fc.Arbitrary<PolicyCommand> = fc.record({
  kind: fc.constant('set-policy'),
  name: fc.constant('inspection'),
  document: fc.constantFrom({}, { threshold: 7 }, { threshold: 7, parallel: 2 }, { wrong: true }),
  reason: id,
})

const approvalCommand: fc.Arbitrary<ApprovalCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('request-approval'),
    subject: fc.record({ kind: fc.constant('roles'), account: people, roles }),
    asker: anybody,
    now: moment,
    numberOfAdmins: fc.constantFrom(1, 2),
    delay: fc.constant(DAY),
  }),
  fc.record({ kind: fc.constant('approve'), asker: anybody }),
  fc.record({ kind: fc.constant('refuse'), asker: anybody, reason: note }),
  fc.record({ kind: fc.constant('apply'), now: moment }),
)

const digestCommand: fc.Arbitrary<DigestCommand> = fc.record({
  kind: fc.constant('close-window'),
  after: fc.constant(null),
  to: moment,
  through: fc.constant(null),
  tells: fc.constant(null),
})
const archiveCommand: fc.Arbitrary<ArchiveCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('set-subscription'),
    subscribed: fc.option(fc.boolean()),
    asker: anybody,
  }),
  fc.record({
    kind: fc.constant('set-archive-quota'),
    bytes: fc.constantFrom<number | null | 'policy'>(null, 'policy', 7, -1),
    asker: anybody,
  }),
  fc.record({
    kind: fc.constant('set-retention'),
    days: fc.constantFrom<number | null | 'policy'>(null, 'policy', 7, 0),
    now: moment,
    asker: anybody,
  }),
  fc.record({
    kind: fc.constant('place-hold'),
    wanted: fc.record({
      hold: id,
      name: id,
      from: fc.option(moment),
      until: fc.option(moment),
      query: note,
      reason: id,
    }),
    now: moment,
    asker: anybody,
  }),
  fc.record({ kind: fc.constant('lift-hold'), hold: id, reason: id, now: moment, asker: anybody }),
  fc.record({
    kind: fc.constant('purge'),
    after: fc.constantFrom(0, 1),
    because: fc.constantFrom('retention', 'room'),
    policyVersion: fc.constant(1),
    policyRetention: fc.constant([{ since: 0, days: 1 }]),
    candidates: fc.array(
      fc.record({
        mail: id,
        role: fc.constantFrom('sent', 'received'),
        contentHash: fc.constant('a'.repeat(64)),
        size: fc.nat(),
        acceptedAt: moment,
        dueAt: moment,
        retainUntil: fc.option(moment),
      }),
      { maxLength: 3 },
    ),
    now: moment,
  }),
)

const alarmCommand: fc.Arbitrary<AlarmCommand> = fc.oneof(
  fc.constant({ kind: 'raise', alarm: 'disk', subject: 'node', detail: 'Make room.' }),
  fc.constant({ kind: 'acknowledge', by: 'admin@example.org' }),
  fc.constant({ kind: 'clear', detail: 'There is room.' }),
)

/** Plays commands, each said twice; answers how many had an effect, and expects none of the second sayings to. */
const twice = <Command, Event, State>(
  decider: Decider<Command, Event, State>,
  command: fc.Arbitrary<Command>,
): number => {
  let effects = 0
  fc.assert(
    fc.property(fc.array(command, { minLength: 5, maxLength: 25, size: 'max' }), (story) => {
      let state = decider.initial
      for (const each of story) {
        const first = decider.decide(each, state)
        if (isDeclined(first)) continue
        state = fold(decider, first, state)
        effects += first.length
        const second = decider.decide(each, state)
        expect(isDeclined(second) ? [] : second).toEqual([])
      }
    }),
    runs,
  )
  return effects
}

describe('any command twice equals once', () => {
  it('for an account', () => {
    expect(twice(accountDecider, accountCommand(anybody))).toBeGreaterThan(100)
  })
  it('for a hosted domain', () => {
    expect(twice(hostedDomainDecider, hostedDomainCommand)).toBeGreaterThan(100)
  })
  it('for lists', () => {
    expect(twice(mailboxListsDecider, listsCommand)).toBeGreaterThan(100)
  })
  it('for digests', () => {
    expect(twice(digestDecider, digestCommand)).toBeGreaterThan(100)
  })
  it('for a policy', () => {
    expect(twice(policyDecider, policyCommand)).toBeGreaterThan(100)
  })
  it('for an approval', () => {
    expect(twice(approvalDecider, approvalCommand)).toBeGreaterThan(100)
  })
  it('for an archive', () => {
    expect(twice(archiveDecider, archiveCommand)).toBeGreaterThan(100)
  })
  it('for an alarm', () => {
    expect(twice(alarmDecider, alarmCommand)).toBeGreaterThan(100)
  })
})

describe('officers', () => {
  it('are made and unmade by no person alone, whatever their roles and whatever they claim', () => {
    const byPeople = fc.array(accountCommand(fc.oneof(person, operator)), { minLength: 5, maxLength: 25, size: 'max' })
    fc.assert(
      fc.property(
        roles.filter((given) => given.length > 0),
        byPeople,
        (given, story) => {
          const profile = { displayName: 'Ann', timeZone: 'UTC', language: 'en', quota: null }
          let state = fold(accountDecider, [
            { type: 'AccountCreated', data: { address: 'ann@example.org', roles: given, ...profile, source: 'own' } },
          ])
          for (const command of story) {
            const answer = accountDecider.decide(command, state)
            const after = isDeclined(answer) ? state : fold(accountDecider, answer, state)
            expect(after?.roles.includes('compliance') ?? false).toBe(state?.roles.includes('compliance') ?? false)
            state = after
          }
        },
      ),
      runs,
    )
  })
})
