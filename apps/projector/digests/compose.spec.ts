import { describe, expect, it } from 'vitest'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { composeDigest, type DigestToCompose } from './compose.ts'

const row = (changes: Partial<QuarantineRow> = {}): QuarantineRow => ({
  mail: '01J',
  recipient: 'ann@one.test',
  domain: 'one.test',
  address: 'ann@one.test',
  reason: 'spam',
  detail: null,
  score: 8,
  threshold: 5,
  reversePath: 'cara@outside.example',
  headerFrom: 'cara@outside.example',
  headerFromName: 'Cara',
  subject: 'Offer',
  messageId: null,
  fromText: '',
  subjectText: '',
  acceptedAt: Date.UTC(2026, 0, 15, 12),
  quarantinedAt: null,
  heldPosition: '1',
  size: 1,
  contentHash: 'c',
  expiresAt: 2,
  releasable: 1,
  releaseRequested: 0,
  releaseRefused: null,
  ...changes,
})
const none = { delivered: 0, sent: 0, refused: 0, infected: 0, allowed: 0, blocked: 0 }
const digest = (rows: readonly QuarantineRow[], changes: Partial<DigestToCompose['tells']> = {}): DigestToCompose => ({
  address: 'ann@one.test',
  timeZone: 'Asia/Kolkata',
  held: rows.map((one) => ({
    row: one,
    symbols: [{ name: 'X', weight: 6, description: 'It looks like an advertisement.' }],
  })),
  tells: { held: rows.map(({ mail }) => mail), heldCount: rows.length, counts: none, ...changes },
  link: (act, about) => `https://mail.one.test/links/${act}-${about?.mail ?? 'digest'}`,
})

describe('a digest', () => {
  it('says the same as text and as HTML', async () => {
    const { html, subject, text } = await composeDigest(
      digest([row()], { counts: { ...none, delivered: 12, refused: 1, infected: 1, blocked: 2 } }),
    )
    expect(subject).toBe('1 mail is held for you')
    for (const one of [text, html]) {
      expect(one).toContain('1 mail is held for you')
      expect(one).toContain('Thu 15 Jan, 17:30')
      expect(one).toContain('It looks like an advertisement')
      expect(one).toContain(
        '12 delivered, 1 refused, 1 with a virus, which can not be released. Your block list held 2.',
      )
      for (const act of ['release', 'trust', 'block', 'spam'])
        expect(one).toContain(`https://mail.one.test/links/${act}-01J`)
      for (const act of ['sign-in', 'unsubscribe']) expect(one).toContain(`https://mail.one.test/links/${act}-digest`)
    }
    expect(html).toContain('prefers-color-scheme: dark')
    expect(html).not.toMatch(/<img|src=|<script|url\(/i)
  })

  it('makes no link, no markup and no lie of what strangers wrote', async () => {
    const hostile = row({
      headerFromName: 'security@bank.example <b>',
      headerFrom: 'eve"><svg/onload=x>@evil.example',
      subject: '</td><a href="https://evil.example">{{release}}</a> www.evil.example \u202Egpj',
    })
    const { html, text } = await composeDigest(digest([hostile]))
    expect(html).not.toMatch(/<svg|<b>|href="[^"]*evil|https:\/\/evil/)
    expect(html).toContain('<s>security')
    expect(html).toContain('[U+202E]')
    expect(text).toContain('(this name is not the address it came from)')
    expect(text).not.toMatch(/https:\/\/evil|www\.evil/)
  })

  it('says how many more there are, and counts what was released meanwhile no more', async () => {
    const many = await composeDigest(digest([row()], { heldCount: 130 }))
    expect(many.subject).toBe('130 mails are held for you')
    expect(many.text).toContain('Open my quarantine: 129 more are held:')
    const gone = await composeDigest({ ...digest([row()]), held: [] })
    expect(gone.subject).toBe('Nothing is held for you')
  })
})
