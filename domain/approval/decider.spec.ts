import { describe, expect, it } from 'vitest'
import type { Asker } from '../account/asker.ts'
import type { Role } from '../account/events.ts'
import { fold } from '#domain/kernel/decider'
import { DAY } from '#domain/kernel/instant'
import { given, story } from '#test/dsl/decider'
import type { ApprovalCommand } from './commands.ts'
import { approvalDecider } from './decider.ts'
import type { ApprovalSubject } from './events.ts'

const asker = (address: string, ...roles: Role[]): Asker => ({ kind: 'account', address, roles })
const admin = asker('admin@example.org', 'admin')
const second = asker('second@example.org', 'admin')
const officer = asker('olga@example.org', 'compliance')
const ann = asker('ann@example.org', 'user')
const subject: ApprovalSubject = { kind: 'roles', account: 'ann@example.org', roles: ['user', 'compliance'] }
const password: ApprovalSubject = {
  kind: 'password',
  account: 'olga@example.org',
  hash: `sealed:1:${'A'.repeat(16)}:${'A'.repeat(30)}`,
}

const request = (by: Asker, numberOfAdmins = 2, about: ApprovalSubject = subject): ApprovalCommand => ({
  kind: 'request-approval',
  subject: about,
  asker: by,
  now: 0,
  numberOfAdmins,
  delay: DAY,
})
const approve = (by: Asker): ApprovalCommand => ({ kind: 'approve', asker: by })
const refuse = (by: Asker): ApprovalCommand => ({ kind: 'refuse', asker: by, reason: null })
const apply = (now: number): ApprovalCommand => ({ kind: 'apply', now })
const waiting = story(approvalDecider, [request(admin)])

describe('an approval', () => {
  it('is asked for by an administrator, or by an officer about their own password', () => {
    given(approvalDecider, [])
      .when(request(admin))
      .thenEvents([{ type: 'ApprovalRequested', data: { subject, by: 'admin@example.org', dueAt: null } }])
    given(approvalDecider, waiting).when(request(admin)).thenNothing()
    given(approvalDecider, waiting).when(request(second)).thenDeclined('conflict')
    given(approvalDecider, [])
      .when(request(officer, 2, password))
      .thenTypes(['ApprovalRequested'])
    given(approvalDecider, []).when(request(officer)).thenDeclined('forbidden')
    given(approvalDecider, [])
      .when(request(asker('ann@example.org', 'admin')))
      .thenDeclined('forbidden', /own roles/)
  })

  it('comes from a second person: not from who asked, nor from whom it is about', () => {
    for (const by of [second, officer]) given(approvalDecider, waiting).when(approve(by)).thenTypes(['Approved'])
    for (const by of [
      admin,
      ann,
      asker('ann@example.org', 'admin'),
      { kind: 'operator' },
      { kind: 'system' },
    ] as Asker[])
      given(approvalDecider, waiting).when(approve(by)).thenDeclined('forbidden')
  })

  it('takes effect once', () => {
    const approved = story(approvalDecider, [approve(second)], waiting)
    given(approvalDecider, approved).when(approve(officer)).thenNothing()
    given(approvalDecider, approved).when(refuse(officer)).thenDeclined('conflict')
    given(approvalDecider, approved).when(apply(0)).thenTypes(['ApprovalApplied'])
    const applied = story(approvalDecider, [apply(0)], approved)
    given(approvalDecider, applied).when(apply(0)).thenNothing()
    expect(fold(approvalDecider, applied)?.state).toBe('applied')
  })

  it('takes effect by itself only where there is but one administrator, and not before its time', () => {
    given(approvalDecider, waiting)
      .when(apply(100 * DAY))
      .thenDeclined('conflict')
    const single = story(approvalDecider, [request(admin, 1)])
    given(approvalDecider, single)
      .when(apply(DAY - 1))
      .thenDeclined('conflict')
    given(approvalDecider, single).when(apply(DAY)).thenTypes(['ApprovalApplied'])
  })

  it('of a look into the archive is between officers: one asks for themselves, another one approves', () => {
    const search: ApprovalSubject = {
      kind: 'archive-search',
      account: 'olga@example.org',
      accounts: null,
      query: null,
      reason: 'case 17',
      until: DAY,
    }
    const other = asker('otto@example.org', 'compliance')
    given(approvalDecider, [])
      .when(request(officer, 1, search))
      .thenEvents([{ type: 'ApprovalRequested', data: { subject: search, by: 'olga@example.org', dueAt: null } }])
    for (const by of [admin, ann, other, { kind: 'operator' }] as Asker[])
      given(approvalDecider, [])
        .when(request(by, 2, search))
        .thenDeclined('forbidden')
    const asked = story(approvalDecider, [request(officer, 1, search)])
    for (const by of [officer, admin, ann]) given(approvalDecider, asked).when(approve(by)).thenDeclined('forbidden')
    given(approvalDecider, asked).when(approve(other)).thenTypes(['Approved'])
    const approved = story(approvalDecider, [approve(other)], asked)
    given(approvalDecider, approved)
      .when(apply(2 * DAY))
      .thenDeclined('conflict')
    given(approvalDecider, asked).when(refuse(other)).thenTypes(['ApprovalRefused'])
  })

  it('is refused by anybody concerned, and then stays so', () => {
    for (const by of [admin, second, officer, ann, { kind: 'operator' }] as Asker[])
      given(approvalDecider, waiting).when(refuse(by)).thenTypes(['ApprovalRefused'])
    given(approvalDecider, waiting)
      .when(refuse(asker('eve@example.org', 'user', 'domain-admin')))
      .thenDeclined('forbidden')
    const refused = story(approvalDecider, [refuse(ann)], story(approvalDecider, [request(admin, 1)]))
    given(approvalDecider, refused).when(refuse(ann)).thenNothing()
    given(approvalDecider, refused).when(approve(second)).thenDeclined('conflict')
    given(approvalDecider, refused)
      .when(apply(100 * DAY))
      .thenDeclined('conflict')
  })
})
