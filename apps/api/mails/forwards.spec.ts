import { beforeAll, describe, expect, it } from 'vitest'
import type { MailCommand } from '#domain/mail/commands'
import type { Forward } from '#domain/mail/events'
import type { ApiAnswer } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { clean, never, recordDelivery, recordScan } from '#test/dsl/mail'

const here = installation()
const OUT = 'uma.private@outside.net'
const UMA = 'uma@two.test'
let mail: string

/** What ann of one domain sends uma of another, who forwards it outside, where it is refused. */
beforeAll(async () => {
  const { api } = here
  const forward: Forward = { to: [OUT], as: 'instead' }
  const recipient = { address: UMA, mailbox: UMA, forward }
  mail = await api.mail(
    [recipient],
    {
      flow: 'submission',
      account: 'ann@one.test',
      reversePath: 'ann@one.test',
      headerFrom: { address: 'ann@one.test', name: 'Ann' },
      headerAddresses: ['ann@one.test'],
    },
    recordScan(clean),
    { kind: 'forward', recipient: UMA, refused: null, now: api.clock.now } as MailCommand,
    recordDelivery(OUT, { ...never, text: `<${OUT}> is unknown` }),
    recordDelivery(UMA),
  )
  await api.settled()
})

const asked = async (who: string, query = ''): Promise<ApiAnswer> =>
  (await here.api.as(who)).get(query === '' ? `/mails/${mail}` : `/mails?${query}`)
const recipientsOf = ({ json }: ApiAnswer) =>
  (json['recipients'] as { mailbox: string; route: string; state: string }[]).map(
    ({ mailbox, route, state }) => `${mailbox} ${route} ${state}`,
  )
const typesOf = ({ json }: ApiAnswer) => (json['events'] as { type: string }[]).map(({ type }) => type)

describe('what is forwarded outside', () => {
  it.each([UMA, 'otto@two.test', 'root@one.test'])('is shown with its whole way to %s', async (who) => {
    const answer = await asked(who)
    expect(recipientsOf(answer)).toEqual([`${UMA} mailbox delivered`, `${OUT} relay bounced`])
    expect(typesOf(answer)).toEqual([
      'Accepted',
      'ScanCleared',
      'Cleared',
      'Forwarded',
      'Bounced',
      'ForwardingFailed',
      'Delivered',
    ])
    const found = await asked(who, `state=bounced&address=${encodeURIComponent(OUT)}`)
    expect(found.items.map(({ id }) => id)).toEqual([mail])
  })

  it.each(['ann@one.test', 'dora@one.test'])(
    'is nobody else’s to know: %s, who sent it or is over who did, does not learn where it went',
    async (who) => {
      const answer = await asked(who)
      expect(recipientsOf(answer)).toEqual([`${UMA} mailbox delivered`])
      expect(typesOf(answer)).toEqual(['Accepted', 'ScanCleared', 'Cleared', 'Delivered'])
      expect(answer.text).not.toContain('outside.net')
      for (const query of ['state=bounced', `address=${encodeURIComponent(OUT)}`, 'text=private'])
        expect((await asked(who, query)).items).toEqual([])
    },
  )
})
