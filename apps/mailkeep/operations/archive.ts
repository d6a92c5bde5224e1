import { z } from 'zod'
import { ArchiveAccounts } from '#apps/api/archive/archive-accounts'
import { domainName, mailbox } from '#apps/api/resources/shapes'
import { domainOf } from '#domain/message/mailbox'
import { accepted, askedBy, operation, OperationRefused, upToDate } from './operation.ts'

const asker = { kind: 'operator' } as const

/** Whose mail is archived. Holds are an officer's, copies are nobody's to change here. */
export const archiveOperations = {
  'account-archive': operation(
    z.strictObject({
      address: mailbox,
      /** null: as its domain says; absent: only shown. */
      subscribed: z.boolean().nullable().optional(),
    }),
    async (foundation, { address, subscribed }, circumstances) => {
      const { archiveTerms, clock, commands, hostedDomains } = foundation
      await upToDate(foundation, circumstances, 'directory', ['account', 'domain'])
      const archives = new ArchiveAccounts(foundation)
      await hostedDomains.fresh()
      if (!archives.exists(address) && hostedDomains.current(domainOf(address)) === null)
        throw new OperationRefused(`There is no account ${address}.`, { instead: 'mailkeep account list' })
      const events =
        subscribed === undefined
          ? []
          : accepted(
              await commands.archive(
                address,
                { kind: 'set-subscription', subscribed, asker },
                askedBy(foundation, circumstances, 'subscribe'),
              ),
            ).events
      await upToDate(foundation, circumstances, 'archive-accounts', ['archive', 'mail'])
      await archiveTerms.fresh()
      return { ...archives.shown(address, clock(), false), changed: events.length > 0 }
    },
  ),

  'domain-archive': operation(
    z.strictObject({ name: domainName, subscribed: z.boolean().optional() }),
    async (foundation, { name, subscribed }, circumstances) => {
      const { archiveTerms, commands, hostedDomains } = foundation
      await hostedDomains.fresh()
      if (hostedDomains.current(name) === null)
        throw new OperationRefused(`The domain ${name} is not hosted here.`, { instead: 'mailkeep domain list' })
      const events =
        subscribed === undefined
          ? []
          : accepted(
              await commands.hostedDomain(
                name,
                { kind: 'set-archive-default', subscribed },
                askedBy(foundation, circumstances, 'archive'),
              ),
            ).events
      await archiveTerms.fresh()
      return { name, archiveByDefault: archiveTerms.defaultOf(name), changed: events.length > 0 }
    },
  ),
}
