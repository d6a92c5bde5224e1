import { describe, expect, test } from 'vitest'
import { itemId } from '#domain/archive/item-id'
import { DAY } from '#domain/kernel/instant'
import { given, happened } from '#test/dsl/projection'
import { archiveAccounts } from './archive-accounts/projection.ts'
import { archiveIndex } from './archive-index/projection.ts'

const NOON = 1_767_268_800_000
const MAIL = '01JNA000000000000000000001'
const ANN = 'ann@example.org'
const id = itemId({ mail: MAIL, account: ANN, role: 'received' })
const copy = {
  account: ANN,
  role: 'received',
  contentHash: 'a'.repeat(64),
  size: 100,
  dueAt: NOON,
  retainUntil: NOON + 30 * DAY,
  headerFrom: { address: 'bob@example.com', name: 'Bob' },
  to: [{ address: ANN, name: null }],
  subject: 'Lunch?',
}
const archived = (changes: Partial<typeof copy> = {}, at = NOON + 60, mail = MAIL) =>
  happened(`mail-${mail}`, 'Archived', { ...copy, ...changes }, at)
const ofAnn = (type: string, data: object, at = NOON) => happened(`archive-${ANN}`, type, data, at)

describe('the index of the archive', () => {
  test('has each copy with what lists show of it, until it is purged', () => {
    const sent = archived({ role: 'sent' })
    expect(given(archiveIndex, [archived(), sent]).rows('copies')).toMatchObject([
      {
        id,
        mail: MAIL,
        account: ANN,
        role: 'received',
        archivedAt: NOON + 60,
        headerFrom: 'bob@example.com',
        headerFromName: 'Bob',
        headerTo: `[{"address":"${ANN}","name":null}]`,
        subject: 'Lunch?',
        retainUntil: NOON + 30 * DAY,
      },
      { role: 'sent' },
    ])
    const purged = happened(`mail-${MAIL}`, 'CopyPurged', { account: ANN, role: 'received', contentHash: '' })
    expect(given(archiveIndex, [archived(), sent, purged]).rows('copies')).toMatchObject([{ role: 'sent' }])
  })
})

describe('archive accounts', () => {
  test('say what is their own and what their domain or policy says', () => {
    const own = [
      ofAnn('Subscribed', {}),
      ofAnn('ArchiveQuotaSet', { bytes: null }),
      ofAnn('RetentionSet', { days: 30, at: NOON }),
    ]
    expect(given(archiveAccounts, own).rows('accounts')).toMatchObject([
      {
        address: ANN,
        domain: 'example.org',
        subscribed: 1,
        ownQuota: 1,
        quotaBytes: null,
        ownRetention: 1,
        retentionDays: 30,
      },
    ])
    const reverted = [
      ...own,
      ofAnn('SubscriptionReverted', {}),
      ofAnn('ArchiveQuotaReverted', {}),
      ofAnn('RetentionReverted', { at: NOON }),
    ]
    expect(given(archiveAccounts, reverted).rows('accounts')).toMatchObject([
      { subscribed: null, ownQuota: 0, ownRetention: 0, retentionDays: null, usedBytes: 0 },
    ])
    expect(given(archiveAccounts, [...own, ofAnn('Unsubscribed', {})]).rows('accounts')).toMatchObject([
      { subscribed: 0 },
    ])
  })

  test('count what they have, and how it grew from day to day', () => {
    const purge = ofAnn(
      'Purged',
      { batch: 1, because: 'retention', policyVersion: 1, copies: [{ size: 100 }, { size: 40 }], at: NOON },
      NOON + DAY,
    )
    const view = given(archiveAccounts, [
      archived(),
      archived({ role: 'sent', size: 40 }),
      archived({ size: 7 }, NOON + DAY),
      purge,
    ])
    expect(view.rows('accounts')).toMatchObject([{ copies: 1, usedBytes: 7 }])
    const day = Math.floor(NOON / DAY)
    expect(view.rows('growth')).toEqual([
      { address: ANN, day, copies: 2, bytes: 140, purgedBytes: 0 },
      { address: ANN, day: day + 1, copies: 1, bytes: 7, purgedBytes: 140 },
    ])
  })

  test('name the holds in place', () => {
    const hold = {
      hold: 'h1',
      name: 'Case 17',
      from: NOON,
      until: null,
      query: null,
      reason: 'court',
      by: 'olga',
      at: NOON,
    }
    const held = [ofAnn('HoldPlaced', hold), ofAnn('HoldPlaced', { ...hold, hold: 'h2' })]
    expect(given(archiveAccounts, held).rows('accounts')).toMatchObject([{ holds: 2 }])
    const lifted = [...held, ofAnn('HoldLifted', { hold: 'h1', reason: 'over', by: 'olga', at: NOON })]
    expect(given(archiveAccounts, lifted).rows('accounts')).toMatchObject([{ holds: 1 }])
    expect(given(archiveAccounts, lifted).rows('holds')).toMatchObject([
      { hold: 'h2', name: 'Case 17', placedBy: 'olga' },
    ])
  })

  test('remember whose address it was before', () => {
    const deleted = happened(`account-${ANN}`, 'AccountDeleted', {}, NOON + 5)
    expect(given(archiveAccounts, [archived(), deleted]).rows('accounts')).toMatchObject([{ formerUntil: NOON + 5 }])
    expect(given(archiveAccounts, [deleted]).rows('accounts')).toEqual([])
  })
})
