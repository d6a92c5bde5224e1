import { Declined } from '../kernel/decider.ts'
import { mailboxKey } from '../message/mailbox.ts'
import { administersDomainOf, mayAdminister } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { notYours } from './declined.ts'
import type { AccountEvent } from './events.ts'
import { accountKey } from './identities.ts'
import { MAXIMUM_SEND_AS, type Account } from './state.ts'

/** Every address that comes or goes is in a domain that the asker administers. That it is hosted here, who asks has looked. */
export const setSendAs = (
  account: Account,
  { addresses, asker }: Extract<AccountCommand, { kind: 'set-send-as' }>,
): readonly AccountEvent[] | Declined => {
  if (!mayAdminister(asker, account)) return notYours
  if (addresses.length > MAXIMUM_SEND_AS) {
    return new Declined('over-limit', `sendAs: at most ${MAXIMUM_SEND_AS} addresses`)
  }
  const wanted = new Set<string>()
  for (const each of addresses) {
    const key = accountKey(each)
    if (key === null) return new Declined('invalid', `sendAs: "${each.slice(0, 320)}" is no address`)
    if (key !== mailboxKey(account.address)) wanted.add(key)
  }
  const granted = [...wanted].filter((address) => !account.sendAs.includes(address))
  const revoked = account.sendAs.filter((address) => !wanted.has(address))
  const foreign = [...granted, ...revoked].find((address) => !administersDomainOf(asker, address))
  if (foreign !== undefined) return new Declined('forbidden', `you do not administer the domain of ${foreign}`)
  return [
    ...revoked.map((address): AccountEvent => ({ type: 'SendAsRevoked', data: { address } })),
    ...granted.map((address): AccountEvent => ({ type: 'SendAsGranted', data: { address } })),
  ]
}
