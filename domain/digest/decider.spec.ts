import { describe, it } from 'vitest'
import { given } from '#test/dsl/decider'
import type { DigestContent, DigestEvent } from './events.ts'
import { digestDecider, type DigestCommand } from './decider.ts'

const tells: DigestContent = {
  held: ['01J'],
  heldCount: 1,
  counts: { delivered: 3, sent: 0, refused: 0, infected: 0, allowed: 0, blocked: 0 },
}
const closed = (from: number | null, to: number): DigestEvent => ({
  type: 'DigestWindowClosed',
  data: { from, to, through: '7', tells },
})
const close = (after: number | null, to: number): DigestCommand => ({
  kind: 'close-window',
  after,
  to,
  through: '7',
  tells,
})

describe('the digests of an account', () => {
  it('close one window after the other, each once', () => {
    given(digestDecider, [])
      .when(close(null, 10))
      .thenEvents([closed(null, 10)])
    given(digestDecider, [closed(null, 10)])
      .when(close(null, 10))
      .thenNothing()
    given(digestDecider, [closed(null, 10)])
      .when(close(10, 20))
      .thenEvents([closed(10, 20)])
    given(digestDecider, [closed(null, 10)])
      .when(close(5, 9))
      .thenNothing()
  })

  it('do not tell what somebody gathered before another window was closed', () => {
    given(digestDecider, [closed(null, 10)])
      .when(close(null, 20))
      .thenDeclined('conflict')
  })

  it('let each sign-in link in once', () => {
    const link = 'a'.repeat(64)
    const used: DigestEvent = { type: 'SignInLinkUsed', data: { link } }
    given(digestDecider, []).when({ kind: 'use-sign-in-link', link }).thenEvents([used])
    given(digestDecider, [used]).when({ kind: 'use-sign-in-link', link }).thenDeclined('conflict', /once/)
    given(digestDecider, [used])
      .when({ kind: 'use-sign-in-link', link: 'b'.repeat(64) })
      .thenTypes(['SignInLinkUsed'])
  })
})
