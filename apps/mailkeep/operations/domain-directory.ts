import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { BadSource, recipientSourceGiven, sealedSource, shownSource } from '#apps/api/resources/recipient-source'
import { domainName } from '#apps/api/resources/shapes'
import { domainStream, type HostedDomainEvent } from '#domain/hosted-domain/events'
import { accepted, askedBy, operation, OperationRefused } from './operation.ts'

const LOOK_EVERY_MS = 250
const PATIENCE_MS = 30 * 60_000

export const domainDirectoryOperations = {
  'domain-source': operation(
    z.strictObject({ name: domainName, source: recipientSourceGiven }),
    async (foundation, { name, source }, circumstances) => {
      const { commands, hostedDomains, secrets } = foundation
      await hostedDomains.fresh()
      const now = hostedDomains.current(name)
      if (now === null) throw new OperationRefused(`${name} is not hosted here.`, { instead: 'mailkeep domain list' })
      let recipientSource
      try {
        recipientSource = sealedSource(
          source,
          now.recipientSource,
          (plain, purpose) => secrets.seal(plain, purpose),
          name,
        )
      } catch (error) {
        if (!(error instanceof BadSource)) throw error
        throw new OperationRefused(`${error.where}: ${error.message}.`, { kind: 'usage' })
      }
      const { events } = accepted(
        await commands.hostedDomain(
          name,
          { kind: 'change-domain', changes: { recipientSource } },
          askedBy(foundation, circumstances, 'source'),
        ),
      )
      return { name, changed: events.length > 0, recipientSource: shownSource(recipientSource) }
    },
  ),

  'domain-sync': operation(
    z.strictObject({ name: domainName, acceptRemovals: z.boolean().default(false) }),
    async (foundation, { name, acceptRemovals }, circumstances) => {
      if (circumstances.server === null)
        throw new OperationRefused('The server copies directories, and none runs on this data folder.', {
          instead: 'mailkeep serve',
        })
      const { commands, log } = foundation
      const { revision } = accepted(
        await commands.hostedDomain(
          name,
          { kind: 'request-sync', acceptRemovals },
          askedBy(foundation, circumstances, 'sync'),
        ),
      )
      circumstances.progress({ what: `copying the directory of ${name}`, done: 0, total: null })
      const deadline = performance.now() + PATIENCE_MS
      for (let from = revision ?? 0; performance.now() < deadline; await sleep(LOOK_EVERY_MS)) {
        for (const event of await log.readStream(domainStream(name), { from, limit: 1_000 })) {
          from = event.revision + 1
          const { type, data } = event as unknown as HostedDomainEvent
          if (type === 'DirectorySyncFailed') throw new OperationRefused(`${name} was not copied: ${data.reason}`)
          if (type !== 'DirectorySynced') continue
          const { nextAt, ...result } = data
          return { name, ...result, nextAt: new Date(nextAt).toISOString() }
        }
      }
      throw new OperationRefused(`The copy of ${name} goes on, but takes longer than anybody waits.`)
    },
  ),
}
