import { Declined } from '../kernel/decider.ts'
import { mailboxKey, type Address } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'
import { mayAdminister } from './asker.ts'
import type { AccountCommand } from './commands.ts'
import { notYours } from './declined.ts'
import type { AccountEvent } from './events.ts'
import { MAXIMUM_FORWARDS } from './forwarding.ts'
import type { Account } from './state.ts'

/** By who administers the account. Whether addresses here exist and addresses outside may be had, who asks has looked. */
export const setForwarding = (
  account: Account,
  { forwarding: wanted, asker }: Extract<AccountCommand, { kind: 'set-forwarding' }>,
): readonly AccountEvent[] | Declined => {
  if (!mayAdminister(asker, account)) return notYours
  if (wanted === null) {
    return account.forwarding === null ? [] : [{ type: 'ForwardingSet', data: { forwarding: null } }]
  }
  const to = targetsOf(wanted.to, account)
  if (to instanceof Declined) return to
  const { keepCopy } = wanted
  const same = account.forwarding?.keepCopy === keepCopy && account.forwarding.to.join(' ') === to.join(' ')
  return same ? [] : [{ type: 'ForwardingSet', data: { forwarding: { to, keepCopy } } }]
}

const targetsOf = (typed: readonly string[], account: Account): Address[] | Declined => {
  if (typed.length === 0) return new Declined('invalid', 'forwarding.to: at least one address')
  const found = new Map<string, Address>()
  for (const each of typed) {
    const target = parseAddress(each)
    if (target === null) return new Declined('invalid', `forwarding.to: "${each.slice(0, 320)}" is no address`)
    if (mailboxKey(target) === mailboxKey(account.address)) {
      return new Declined('invalid', 'forwarding.to: an account does not forward to itself; keepCopy keeps a copy')
    }
    if (!found.has(mailboxKey(target))) found.set(mailboxKey(target), target)
  }
  return found.size > MAXIMUM_FORWARDS
    ? new Declined('over-limit', `forwarding.to: at most ${MAXIMUM_FORWARDS} addresses`)
    : [...found.values()]
}
