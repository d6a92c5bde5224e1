import { expect, it } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import { installation } from '#test/dsl/api-installation'
import { clean, judge, recordScan } from '#test/dsl/mail'
import { hostsAway } from './hosts-away.ts'

const here = installation()

const waiting = async (mailbox: string): Promise<string> => {
  const { now } = here.api.clock
  const id = await here.api.mail(
    [{ address: mailbox, mailbox }],
    {},
    recordScan(clean, now),
    { ...judge({ recipient: mailbox, verdict: 'exempt' }), now } as Parameters<typeof here.api.mailCommand>[1],
    {
      kind: 'record-delivery',
      recipient: mailbox,
      host: 'lmtp://store.test:24',
      attempt: 1,
      reply: { code: 451, enhancedCode: '4.4.1', text: 'refused' },
      now,
      retry: { delays: [MINUTE], expireAfter: 60 * MINUTE },
      circumstance: 'host-away',
    },
  )
  await here.api.settled()
  return id
}

it('is a trouble when mail has waited long for a mailbox host, one for each domain, until the host is back', async () => {
  const { clock, parts } = here.api
  const troubles = () => hostsAway({ clock: () => clock.now, views: parts.views })
  const first = await waiting('ann@one.test')
  const second = await waiting('ben@one.test')
  await waiting('cara@two.test')
  expect(troubles()).toEqual([])
  clock.now += 5 * MINUTE
  expect(troubles().map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'mailbox-host-away one.test',
    'mailbox-host-away two.test',
  ])
  expect(troubles()[0]?.detail).toMatch(/^lmtp:\/\/store\.test:24 of one\.test .*: 2 mails wait for it/)
  await here.api.mailCommand(first, {
    kind: 'record-delivery',
    recipient: 'ann@one.test',
    host: 'lmtp://store.test:24',
    attempt: 2,
    reply: { code: 250, enhancedCode: '2.0.0', text: 'taken' },
    now: clock.now,
    retry: { delays: [MINUTE], expireAfter: 60 * MINUTE },
  })
  await here.api.settled()
  expect(troubles()[0]?.detail).toContain(': 1 mail wait')
  // What somebody holds waits for them, not for the host.
  await here.api.mailCommand(second, { kind: 'hold', recipient: 'ben@one.test', by: 'root@one.test' })
  await here.api.settled()
  expect(troubles().map(({ subject }) => subject)).toEqual(['two.test'])
})
