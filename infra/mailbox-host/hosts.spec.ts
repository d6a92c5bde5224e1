import { expect, it, vi } from 'vitest'
import { parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import type { MailTransport, Sent, SmtpTarget } from '#infra/smtp/client/port'
import { RoutedHosts } from './hosts.ts'
import type { DeliveryRoute, MailboxDelivery, MailboxHost } from './port.ts'

const route = (text: string): DeliveryRoute => {
  const parsed = parseMailboxRoute(text)
  return parsed?.kind === 'hosts' ? parsed.hosts : null
}
const both = route('lmtp://first.test,lmtp://second.test')
const options = { password: null, perHost: 2 }
const ok = { code: 250, enhancedCode: '2.0.0', text: 'saved' }
const refused = { code: 451, enhancedCode: '4.4.1', text: 'connection refused' }

const mail: MailboxDelivery = {
  deliveryId: '1.x',
  mailbox: 'ann@example.org',
  reversePath: null,
  repeat: false,
  size: 1,
  async *open() {
    yield Buffer.from('x')
  },
}

/** Servers by name: those in `gone` are away, the others take everything when `held` lets them. */
const hosts = ({ held }: { held?: Promise<void> } = {}) => {
  const gone = new Set<string>()
  const asked: string[] = []
  let now = 0
  const transport: MailTransport = {
    async send({ at }: SmtpTarget, { recipients }): Promise<Sent> {
      const name = 'host' in at ? at.host : at.socket
      asked.push(name)
      await held
      const away = gone.has(name) ? refused : null
      const outcomes = recipients.map((recipient) => ({ recipient, reply: away ?? ok, uncertain: false }))
      return { outcomes, away, transport: null }
    },
    close: async () => {},
  }
  const maildir: MailboxHost = {
    name: 'maildir',
    deliver: async () => ({ reply: ok, host: 'maildir', away: false, uncertain: false }),
  }
  const routed = new RoutedHosts({ maildir, transport, clock: () => now, slotPatience: 20 })
  return { routed, gone, asked, pass: (milliseconds: number) => (now += milliseconds) }
}

it('a domain without hosts has Maildirs', async () => {
  const { routed } = hosts()
  expect(await routed.deliver(null, mail, options)).toMatchObject({ host: 'maildir', attempted: true })
  expect(routed.state(null)).toBe('up')
})

it('the first host that can be used is the one', async () => {
  const { routed, gone, asked } = hosts()
  expect(await routed.deliver(both, mail, options)).toMatchObject({ host: 'lmtp://first.test:24', reply: ok })
  gone.add('first.test')
  expect(await routed.deliver(both, mail, options)).toMatchObject({ host: 'lmtp://second.test:24', reply: ok })
  expect(asked).toEqual(['first.test', 'first.test', 'second.test'])
})

it('one that is away is passed over, looked at again, and first again when it is back', async () => {
  const { routed, gone, asked, pass } = hosts()
  gone.add('first.test')
  for (let count = 0; count < 5; count++) await routed.deliver(both, mail, options)
  expect(asked.filter((name) => name === 'first.test')).toHaveLength(1)
  expect(routed.state(both)).toBe('up')
  pass(1_000)
  gone.clear()
  expect(await routed.deliver(both, mail, options)).toMatchObject({ host: 'lmtp://first.test:24' })
})

it('when all are away nobody is asked until it is time', async () => {
  const { routed, gone, asked, pass } = hosts()
  for (const name of ['first.test', 'second.test']) gone.add(name)
  expect(await routed.deliver(both, mail, options)).toMatchObject({ away: true, attempted: true, reply: refused })
  expect(routed.state(both)).toBe('away')
  expect(await routed.deliver(both, mail, options)).toMatchObject({ away: true, attempted: false, reply: refused })
  expect(asked).toHaveLength(2)
  pass(1_000)
  expect(routed.state(both)).toBe('probe')
  expect(await routed.deliver(both, mail, { ...options, now: true })).toMatchObject({ away: true, attempted: true })
  expect(asked).toHaveLength(4)
})

it('no more than so many deliver to a host at a time, and who waits too long is put off', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { routed, asked } = hosts({ held: promise })
  const only = route('lmtp://first.test')
  const deliveries = [1, 2, 3].map(() => routed.deliver(only, mail, options))
  expect(await deliveries[2]).toMatchObject({ away: true, reply: { code: 451 } })
  expect(asked).toHaveLength(2)
  resolve()
  await Promise.all(deliveries)
  await vi.waitFor(() => expect(routed.state(only)).toBe('up'))
})
