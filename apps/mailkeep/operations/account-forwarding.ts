import { z } from 'zod'
import { MAXIMUM_FORWARDS } from '#domain/account/forwarding'
import { domainOf } from '#domain/message/mailbox'
import { problemWithTarget } from '#apps/api/resources/forward-targets'
import { mailbox } from '#apps/api/resources/shapes'
import { loadAccount } from './accounts.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate } from './operation.ts'

/** Where the mail of an account goes on to, at the machine. */
export const accountForwardingOperations = {
  'account-forward': operation(
    z.strictObject({
      address: mailbox,
      /** null: nowhere; absent: only say what is. */
      forwarding: z
        .strictObject({
          to: z.array(z.string().trim().min(3).max(320)).min(1).max(MAXIMUM_FORWARDS),
          keepCopy: z.boolean(),
        })
        .nullable()
        .optional(),
    }),
    async (foundation, { address, forwarding }, circumstances) => {
      const account = await loadAccount(foundation, address)
      if (forwarding === undefined) return { address, forwarding: account.forwarding, changed: false }
      if (forwarding !== null) {
        await Promise.all([
          foundation.policies.fresh(),
          upToDate(foundation, circumstances, 'directory', ['account', 'domain']),
        ])
        for (const target of forwarding.to) {
          const known = account.forwarding?.to.includes(target) === true
          const problem = known ? null : problemWithTarget(foundation, domainOf(address), target)
          if (problem !== null) throw new OperationRefused(`Not forwarded: ${problem}.`)
        }
      }
      const { state, events } = accepted(
        await foundation.commands.account(
          address,
          { kind: 'set-forwarding', forwarding, asker: { kind: 'operator' } },
          askedBy(foundation, circumstances, 'forwarding'),
        ),
      )
      return { address, forwarding: state?.forwarding ?? null, changed: events.length > 0 }
    },
  ),
}
