import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '#domain/kernel/instant'
import { accepted, given, happened, NOON } from '#test/dsl/projection'
import { access } from './access/projection.ts'
import { alarms } from './alarms/projection.ts'
import { approvals } from './approvals/projection.ts'
import { contentUse } from './content-use/projection.ts'
import { mailTrace } from './mail-trace/projection.ts'
import { quarantine } from './quarantine/projection.ts'
import { refusals } from './refusals/projection.ts'
import { traffic } from './traffic/projection.ts'

const MAIL = '01JNA000000000000000000001'
const ann = { recipient: 'ann@example.org' }
const ofMail = (type: string, data: object) => happened(`mail-${MAIL}`, type, data, NOON + 60_000)
const refused = happened(
  'refusals-node1-2025-03-01',
  'Refused',
  {
    id: 'R1',
    stage: 'rcpt',
    client: { address: '192.0.2.1', name: null, helo: 'x' },
    reversePath: 'Bob@example.com',
    recipient: 'Nobody@example.org',
    reply: { code: 550, enhancedCode: '5.1.1', text: 'No such user' },
    check: 'unknown-recipient',
    evidence: null,
    count: 2,
  },
  NOON,
)

describe('refusals', () => {
  test('tell who was turned away, when and by what, to be found by client, sender, recipient and day', () => {
    expect(given(refusals, [refused]).rows('items')).toMatchObject([
      {
        id: 'R1',
        at: NOON,
        day: NOON - 12 * HOUR,
        source: 'node1-2025-03-01',
        stage: 'rcpt',
        clientAddress: '192.0.2.1',
        senderKey: 'bob@example.com',
        recipient: 'Nobody@example.org',
        recipientKey: 'nobody@example.org',
        recipientDomain: 'example.org',
        replyCode: 550,
        checkName: 'unknown-recipient',
        count: 2,
      },
    ])
  })
})

describe('traffic', () => {
  test('counts per hour, per day and per mailbox, with bytes', () => {
    const view = given(traffic, [
      accepted(MAIL, { to: ['ann@example.org', 'ben@example.org'], size: 500 }),
      ofMail('Quarantined', { recipient: 'ben@example.org', reason: 'spam', detail: '', expiresAt: NOON + DAY }),
      ofMail('Delivered', { ...ann, host: 'maildir', reply: { code: 250, enhancedCode: null, text: '' }, at: NOON }),
      refused,
    ])
    const day = NOON - 12 * HOUR
    expect(view.rows('days')).toEqual([
      { day, flow: 'edge', outcome: 'refused', count: 2, bytes: 0 },
      { day, flow: 'inbound', outcome: 'accepted', count: 2, bytes: 1_000 },
      { day, flow: 'inbound', outcome: 'delivered', count: 1, bytes: 500 },
      { day, flow: 'inbound', outcome: 'quarantined-spam', count: 1, bytes: 500 },
    ])
    expect(view.rows('hours')).toHaveLength(4)
    expect(view.rows('recipients')).toEqual([
      { recipient: 'ann@example.org', hour: NOON, flow: 'inbound', outcome: 'accepted', count: 1, bytes: 500 },
      { recipient: 'ann@example.org', hour: NOON, flow: 'inbound', outcome: 'delivered', count: 1, bytes: 500 },
      { recipient: 'ben@example.org', hour: NOON, flow: 'inbound', outcome: 'accepted', count: 1, bytes: 500 },
      { recipient: 'ben@example.org', hour: NOON, flow: 'inbound', outcome: 'quarantined-spam', count: 1, bytes: 500 },
    ])
  })
})

describe('access', () => {
  test('has refused sign-ins and reads of content', () => {
    const view = given(access, [
      happened(
        'access-n-d',
        'SignInRefused',
        { address: 'Ann@example.org', clientAddress: '192.0.2.1', reason: 'wrong-password' },
        NOON,
      ),
      happened(
        'access-n-d',
        'ContentRead',
        { mail: MAIL, recipient: null, by: 'officer@example.org', as: 'compliance', reason: 'case 7' },
        NOON,
      ),
    ])
    expect(view.rows('refusedSignIns')).toMatchObject([
      { address: 'ann@example.org', reason: 'wrong-password', at: NOON },
    ])
    expect(view.rows('contentReads')).toMatchObject([
      { mail: MAIL, reader: 'officer@example.org', readAs: 'compliance', reason: 'case 7' },
    ])
  })
})

describe('who looked into an archive', () => {
  const reader = { by: 'olga@example.org', as: 'compliance', reason: 'case 7', approval: null }
  test('has a row for each account that a search showed something of, and for each reading, but for one’s own', () => {
    const shown = ['ann@example.org', 'ben@example.org', 'olga@example.org']
    const view = given(access, [
      happened('access-n-d', 'ArchiveSearched', { ...reader, account: null, query: 'merger', found: 7, shown }, NOON),
      happened(
        'access-n-d',
        'ArchiveRead',
        { ...reader, mail: MAIL, account: 'ann@example.org', role: 'sent', what: 'content' },
        NOON + 1,
      ),
      happened(
        'access-n-d',
        'ArchiveRead',
        { ...reader, by: 'ann@example.org', mail: MAIL, account: 'ann@example.org', role: 'sent', what: 'item' },
        NOON + 2,
      ),
    ])
    expect(view.rows('archiveReaders')).toMatchObject([
      { account: 'ann@example.org', what: 'search', query: 'merger', mail: null, reader: 'olga@example.org' },
      { account: 'ann@example.org', what: 'content', query: null, mail: MAIL, role: 'sent', reason: 'case 7' },
      { account: 'ben@example.org', what: 'search' },
    ])
  })
})

describe('approvals', () => {
  const requested = happened(
    'approval-A1',
    'ApprovalRequested',
    {
      subject: { kind: 'roles', account: 'Ann@example.org', roles: ['user', 'compliance'] },
      by: 'root@example.org',
      dueAt: NOON + DAY,
    },
    NOON,
  )
  test('wait, are decided and carried out', () => {
    expect(given(approvals, [requested]).rows('approvals')).toMatchObject([
      { id: 'A1', kind: 'roles', account: 'ann@example.org', state: 'waiting', dueAt: NOON + DAY },
    ])
    const approved = [requested, happened('approval-A1', 'Approved', { by: 'ben@example.org' }, NOON + 1)]
    expect(given(approvals, approved).rows('approvals')).toMatchObject([
      { state: 'approved', decidedBy: 'ben@example.org', dueAt: null },
    ])
    const applied = [...approved, happened('approval-A1', 'ApprovalApplied', {}, NOON + 2)]
    expect(given(approvals, applied).rows('approvals')).toMatchObject([{ state: 'applied', appliedAt: NOON + 2 }])
    const no = [requested, happened('approval-A1', 'ApprovalRefused', { by: 'ben@example.org', reason: 'no' })]
    expect(given(approvals, no).rows('approvals')).toMatchObject([{ state: 'refused', reason: 'no' }])
  })
  test('say what an officer wants to look for', () => {
    const access = { accounts: null, query: 'merger', reason: 'case 7', until: NOON + DAY }
    const search = happened('approval-A3', 'ApprovalRequested', {
      subject: { kind: 'archive-search', account: 'olga@example.org', ...access },
      by: 'olga@example.org',
      dueAt: null,
    })
    const [row] = given(approvals, [search]).rows('approvals')
    expect(row).toMatchObject({ kind: 'archive-search', roles: null })
    expect(JSON.parse(String(row?.['archive']))).toEqual(access)
  })
  test("don't keep the hash of a password that waits", () => {
    const password = happened('approval-A2', 'ApprovalRequested', {
      subject: { kind: 'password', account: 'o@example.org', hash: 'sealed:1:secret' },
      by: 'root@example.org',
      dueAt: null,
    })
    expect(JSON.stringify(given(approvals, [password]).rows('approvals'))).not.toContain('sealed')
  })
})

describe('alarms', () => {
  test('are raised, acknowledged and over, and begin anew', () => {
    const stream = 'alarm-scanner-away:clamd'
    const raised = happened(stream, 'AlarmRaised', { kind: 'scanner-away', subject: 'clamd', detail: 'down' }, NOON)
    const over = happened(stream, 'AlarmCleared', { detail: 'up' }, NOON + 2)
    const all = [raised, happened(stream, 'AlarmAcknowledged', { by: 'root@example.org' }, NOON + 1), over]
    expect(given(alarms, all.slice(0, 2)).rows('alarms')).toMatchObject([
      { id: 'scanner-away:clamd', state: 'acknowledged', times: 1 },
    ])
    expect(given(alarms, all).rows('alarms')).toMatchObject([{ state: 'over', clearedAt: NOON + 2, detail: 'up' }])
    expect(given(alarms, [...all, raised]).rows('alarms')).toMatchObject([
      { state: 'raised', times: 2, clearedAt: null, acknowledgedBy: null },
    ])
  })
})

describe('content in use', () => {
  const delivered = ofMail('Delivered', {
    ...ann,
    host: 'maildir',
    reply: { code: 250, enhancedCode: null, text: '' },
    at: NOON + 5,
  })
  const dropped = ofMail('ContentDropped', { contentHash: 'a'.repeat(64), reason: 'grace' })
  test('is counted once per mail that needs it', () => {
    const other = accepted('01JNA000000000000000000002')
    expect(given(contentUse, [accepted(MAIL), other, delivered]).rows('contents')).toMatchObject([
      { mails: 1, dropped: 0, lastOutcomeAt: NOON + 5 },
    ])
  })
  test('of a submission is two: what was submitted and what goes out, both told and both dropped', () => {
    const first = accepted(MAIL)
    const outgoing = { contentHash: 'b'.repeat(64), size: 7 }
    const submitted = { ...first, data: { ...(first.data as object), outgoing } }
    const gone = [dropped, ofMail('ContentDropped', { contentHash: 'b'.repeat(64), reason: 'grace' })]
    expect(given(contentUse, [submitted]).rows('contents')).toMatchObject([{ mails: 1 }, { mails: 1, size: 7 }])
    expect(given(contentUse, [submitted]).rows('mails')).toMatchObject([{ mail: MAIL, outgoing: 'b'.repeat(64) }])
    expect(given(contentUse, [submitted, delivered, ...gone]).rows('contents')).toMatchObject([
      { hash: 'a'.repeat(64), mails: 0, dropped: 1, lastOutcomeAt: NOON + 5 },
      { hash: 'b'.repeat(64), mails: 0, dropped: 1, lastOutcomeAt: NOON + 5 },
    ])
    expect(given(contentUse, [submitted, delivered, ...gone]).rows('mails')).toEqual([])
  })
  test('that came again after it was dropped is in use', () => {
    const again = accepted('01JNA000000000000000000002')
    expect(given(contentUse, [accepted(MAIL), delivered, dropped]).rows('contents')).toMatchObject([
      { mails: 0, dropped: 1 },
    ])
    expect(given(contentUse, [accepted(MAIL), delivered, again, dropped]).rows('contents')).toMatchObject([
      { mails: 1, dropped: 0 },
    ])
  })
  test('as evidence is kept', () => {
    const authenticated = ofMail('Authenticated', { results: {}, evidence: 'e'.repeat(64), header: '' })
    expect(given(contentUse, [accepted(MAIL), authenticated]).rows('evidence')).toEqual([
      { hash: 'e'.repeat(64), mail: MAIL },
    ])
  })
})

describe('the trace', () => {
  test('finds a mail by whoever took part, person or domain', () => {
    const view = given(mailTrace, [
      accepted(MAIL, {
        to: ['Ann+x@example.org'],
        reversePath: 'Bounce@lists.example.com',
        headerFrom: { address: 'Bob@example.com', name: 'Bob' },
        headerAddresses: ['Bob@example.com', 'sec@example.com'],
        account: null,
      }),
    ])
    expect(
      view.rows('participants').map(({ address, asSender, asRecipient }) => [address, asSender, asRecipient]),
    ).toEqual([
      ['@example.com', 1, 0],
      ['@example.org', 0, 1],
      ['@lists.example.com', 1, 0],
      ['ann+x@example.org', 0, 1],
      ['bob@example.com', 1, 0],
      ['bounce@lists.example.com', 1, 0],
      ['sec@example.com', 1, 0],
    ])
    expect(view.get('mails', [MAIL])).toMatchObject({
      subject: 'Lunch?',
      searchText: expect.stringContaining('lunch?') as string,
    })
  })
})

describe('the quarantine', () => {
  test('has items with what is needed to decide, and only an administrator releases a virus', () => {
    const held = (reason: string) =>
      given(quarantine, [
        accepted(MAIL),
        ofMail('Quarantined', { ...ann, reason, detail: 'why', expiresAt: NOON + DAY }),
      ])
    expect(held('spam').rows('items')).toMatchObject([
      {
        mail: MAIL,
        ...ann,
        domain: 'example.org',
        reason: 'spam',
        subject: 'Lunch?',
        headerFrom: 'Bob@example.com',
        fromText: 'bob@example.com\nbob\nbob@example.com',
        quarantinedAt: NOON + 60_000,
        expiresAt: NOON + DAY,
        releasable: 1,
      },
    ])
    expect(held('virus').rows('items')).toMatchObject([{ releasable: 0 }])
    expect(held('unscannable').rows('items')).toMatchObject([{ releasable: 1 }])
  })
})
