import { heldBySuspension } from '#apps/api/resources/account-standing'
import { z } from 'zod'
import { heldMails } from '#domain/account/events'
import { mailbox, toTime } from '#apps/api/resources/shapes'
import { newAppPassword } from '#infra/credentials/app-password'
import { loadAccount } from './accounts.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate } from './operation.ts'

const asker = { kind: 'operator' } as const

/** Suspension and app passwords at the machine. */
export const accountStandingOperations = {
  'account-suspend': operation(
    z.strictObject({ address: mailbox, reason: z.string().trim().min(1, 'say why').max(500) }),
    async (foundation, { address, reason }, circumstances) => {
      await loadAccount(foundation, address)
      const { events } = accepted(
        await foundation.commands.account(
          address,
          { kind: 'suspend', reason, now: foundation.clock(), asker },
          askedBy(foundation, circumstances, 'suspend'),
        ),
      )
      return { address, suspended: true, changed: events.length > 0 }
    },
  ),

  'account-reinstate': operation(
    z.strictObject({ address: mailbox, held: heldMails.nullable() }),
    async (foundation, { address, held }, circumstances) => {
      await loadAccount(foundation, address)
      await upToDate(foundation, circumstances, 'delivery-queue', ['mail'])
      const mails = heldBySuspension(foundation.views, address)
      if (mails > 0 && held === null) {
        throw new OperationRefused(`${mails} mails of ${address} are held in the queue: say what becomes of them.`, {
          kind: 'usage',
          instead: `mailkeep account reinstate ${address} --held release (or bounce, or keep)`,
        })
      }
      const { events } = accepted(
        await foundation.commands.account(
          address,
          { kind: 'reinstate', held: held ?? 'release', asker },
          askedBy(foundation, circumstances, 'reinstate'),
        ),
      )
      return { address, suspended: false, changed: events.length > 0, held: mails }
    },
  ),

  'account-app-password-add': operation(
    z.strictObject({ address: mailbox, name: z.string().trim().min(1, 'name the device').max(200) }),
    async (foundation, { address, name }, circumstances) => {
      await loadAccount(foundation, address)
      const password = newAppPassword()
      const id = circumstances.requestId
      const hash = foundation.credentials.appPasswords.hash(address, password)
      const { events } = accepted(
        await foundation.commands.account(
          address,
          { kind: 'issue-app-password', id, name, hash, now: foundation.clock(), asker },
          askedBy(foundation, circumstances, 'app-password'),
        ),
      )
      if (events.length === 0)
        throw new OperationRefused('This request made an app password already, which is shown only once.', {
          instead: `mailkeep account app-password list ${address}`,
        })
      return { address, id, name, password }
    },
  ),

  'account-app-password-list': operation(z.strictObject({ address: mailbox }), async (foundation, { address }) => {
    const { appPasswords } = await loadAccount(foundation, address)
    return { items: appPasswords.map(({ id, name, issuedAt }) => ({ id, name, issuedAt: toTime(issuedAt) })) }
  }),

  'account-app-password-revoke': operation(
    z.strictObject({ address: mailbox, id: z.string().min(1).max(100) }),
    async (foundation, { address, id }, circumstances) => {
      const { appPasswords } = await loadAccount(foundation, address)
      const found = appPasswords.find((one) => one.id === id)
      if (found === undefined)
        throw new OperationRefused(`${address} has no app password ${id}.`, {
          instead: `mailkeep account app-password list ${address}`,
        })
      accepted(
        await foundation.commands.account(
          address,
          { kind: 'revoke-app-password', id, asker },
          askedBy(foundation, circumstances, 'revoke'),
        ),
      )
      return { address, id, name: found.name }
    },
  ),
}
