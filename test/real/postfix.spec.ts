import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import { RemoteHost } from '#infra/mailbox-host/remote-host'
import { SmtpPool } from '#infra/smtp/client/pool'
import { delivery } from '#test/contract/mailbox-host/contract'
import { startPostfix, type Postfix } from './postfix.ts'

let postfix: Postfix
beforeAll(async () => {
  postfix = await startPostfix()
})
afterAll(() => postfix?.stop())

const host = (query = ''): RemoteHost => {
  const route = parseMailboxRoute(`smtp://127.0.0.1:${postfix.port}${query}`)
  if (route?.kind !== 'hosts') throw new Error('no route')
  const transport = new SmtpPool({ name: 'mail.test' })
  onTestFinished(() => transport.close())
  return new RemoteHost(route.hosts[0]!, { transport, password: null, connections: 2 })
}

describe('Postfix as a mailbox host', () => {
  it('takes mail in TLS, the same lines', async () => {
    const headers = [
      'From: cara@outside.example',
      'Date: Tue, 24 Nov 2026 05:00:00 +0000',
      'Message-ID: <1@outside.example>',
    ]
    const text = [...headers, 'Subject: p1', '', '.dot', '..', 'last', ''].join('\r\n')
    const { reply } = await host('?tls=required').deliver(delivery(text, { mailbox: 'anna@real.test' }))
    expect(reply).toMatchObject({ code: 250, enhancedCode: '2.0.0' })
    await vi.waitFor(() => expect(postfix.messages('anna')).toHaveLength(1), 10_000)
    const [there = ''] = postfix.messages('anna')
    expect(there.endsWith(text.replaceAll('\r\n', '\n'))).toBe(true)
    expect(there).toMatch(/^Return-Path: <cara@outside\.example>\n/)
    expect(there).toMatch(/using TLSv1\.[23]/)
  })

  it('is refused by a certificate that nobody vouches for, where that is asked for', async () => {
    const { away, reply } = await host('?tls=verify').deliver(delivery('x\r\n', { mailbox: 'anna@real.test' }))
    expect(away).toBe(true)
    expect(reply.text).toMatch(/self-signed/)
  })

  it.each([
    ['nobody@real.test', 550, '5.1.1'],
    ['temp@real.test', 450, '4.2.0'],
    ['perm@real.test', 550, '5.7.1'],
    ['ann@elsewhere.test', 554, '5.7.1'],
  ])('says no to %s: %d %s', async (mailbox, code, enhancedCode) => {
    const { reply, away, uncertain } = await host().deliver(delivery('x\r\n', { mailbox }))
    expect({ ...reply, text: '', away, uncertain }).toEqual({
      code,
      enhancedCode,
      text: '',
      away: false,
      uncertain: false,
    })
  })

  it('says no to what is too large, and takes the next one on the same connection', async () => {
    const to = host()
    const large = await to.deliver(delivery('x\r\n', { mailbox: 'bert@real.test', size: 2_000_000 }))
    expect(large.reply).toMatchObject({ code: 552, enhancedCode: '5.3.4' })
    const next = await to.deliver(delivery('Subject: next\r\n\r\nx\r\n', { mailbox: 'bert@real.test' }))
    expect(next.reply.code).toBe(250)
  })
})
