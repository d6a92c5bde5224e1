import { expect, it } from 'vitest'
import { RcptSource } from '#infra/directory-source/rcpt'
import { rcptProbe } from '#infra/smtp/rcpt-probe'
import { openRecipientHost, recipientHost } from '#test/dsl/recipient-host'
import { recipientSourceContract } from './contract.ts'

const at = (port: number) =>
  ({ protocol: 'lmtp', at: { host: '127.0.0.1', port }, tls: 'opportunistic', auth: null }) as const

recipientSourceContract('a mailbox host, asked by RCPT,', async () => {
  const host = await openRecipientHost('ann@source.test')
  return {
    open: () => new RcptSource(rcptProbe('mx.test'), [at(host.port)]),
    add: async (address) => void host.known.add(address),
    stop: () => host.stop(),
    start: () => host.start(),
    end: () => host.stop(),
  }
})

const ask = (source: RcptSource, address: string) => source.lookUp(address, AbortSignal.timeout(10_000))

it('asks the next host when one is away, and believes the first that answers', async () => {
  const [first, second] = [await recipientHost('ann@source.test'), await recipientHost('ben@source.test')]
  const source = new RcptSource(rcptProbe('mx.test'), [at(first.port), at(second.port)])
  expect(await ask(source, 'ben@source.test')).toMatchObject({ kind: 'unknown' })
  await first.stop()
  expect(await ask(source, 'ben@source.test')).toEqual({ kind: 'recipient' })
  await second.stop()
  expect(await ask(source, 'ben@source.test')).toMatchObject({ kind: 'away' })
  expect(await ask(new RcptSource(rcptProbe('mx.test'), []), 'ben@source.test')).toMatchObject({ kind: 'away' })
})

it('takes for an answer about the address only what is one', async () => {
  const host = await recipientHost()
  const source = new RcptSource(rcptProbe('mx.test'), [at(host.port)])
  const meanings: Readonly<Record<string, string>> = {
    '250 2.1.5 Ok': 'recipient',
    '251 User not local': 'recipient',
    '450 4.2.1 Later': 'away',
    '451 4.3.0 Trouble': 'away',
    '452 4.2.2 Full': 'recipient',
    '552 5.2.2 Full': 'recipient',
    '550 5.1.1 Unknown': 'unknown',
    '550 Unknown': 'unknown',
    '553 5.1.3 No address': 'unknown',
    '550 5.7.1 Not you': 'away',
    '554 5.7.26 Not you': 'away',
  }
  for (const [reply, kind] of Object.entries(meanings)) {
    host.replies.set('x@source.test', reply)
    expect([reply, (await ask(source, 'x@source.test')).kind]).toEqual([reply, kind])
  }
  expect((await ask(source, 'x@source.test>\r\nDATA\r\n')).kind).toBe('unknown')
  expect(host.delivered).toEqual([])
})
