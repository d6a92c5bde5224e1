import { z } from 'zod'
import { shownSource } from '#apps/api/resources/recipient-source'
import { domainName, mailbox } from '#apps/api/resources/shapes'
import { ensureDkimKeys } from '#infra/commands/dkim-keys'
import { accepted, askedBy, operation, upToDate } from './operation.ts'

interface ShownDomain {
  readonly name: string
  readonly mailboxHost: string
  readonly threshold: number | null
  readonly allowListGuard: boolean
  readonly subAddressDelimiter: string
  readonly postmaster: string | null
  readonly recipientSource: ReturnType<typeof shownSource>
  readonly accounts: number
}

export const domainOperations = {
  'domain-add': operation(
    z.strictObject({
      name: domainName,
      threshold: z.number().min(0.1).max(1_000).optional(),
      postmaster: mailbox.optional(),
      mailboxHost: z.string().max(500).optional(),
    }),
    async (foundation, { name, threshold, postmaster, mailboxHost }, circumstances) => {
      const settings = {
        ...(threshold === undefined ? {} : { threshold }),
        ...(postmaster === undefined ? {} : { postmaster }),
        ...(mailboxHost === undefined ? {} : { mailboxHost }),
      }
      const { events } = accepted(
        await foundation.commands.hostedDomain(
          name,
          { kind: 'add-domain', name, settings },
          askedBy(foundation, circumstances, 'add'),
        ),
      )
      const { actor, now, correlationId } = askedBy(foundation, circumstances, 'dkim')
      accepted(await ensureDkimKeys(foundation, name, { actor, now, correlationId }))
      return { name, added: events.length > 0 }
    },
  ),

  'domain-list': operation(z.strictObject({}), async (foundation, _given, circumstances) => {
    const { hostedDomains, views } = foundation
    await hostedDomains.fresh()
    await upToDate(foundation, circumstances, 'directory', ['domain', 'account'])
    const counts = new Map(
      views
        .select<{ domain: string; accounts: number }>(
          'directory',
          'SELECT domain, count(*) AS accounts FROM {accounts} GROUP BY domain',
        )
        .map(({ domain, accounts }) => [domain, accounts]),
    )
    const items = hostedDomains
      .names()
      .toSorted()
      .flatMap((name): ShownDomain[] => {
        const settings = hostedDomains.current(name)
        return settings === null
          ? []
          : [
              {
                name,
                ...settings,
                recipientSource: shownSource(settings.recipientSource),
                accounts: counts.get(name) ?? 0,
              },
            ]
      })
    return { items }
  }),
}
