import { Declined } from '../kernel/decider.ts'
import { domainOf, localPartOf, mailboxKey, type Address } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'

/**
 * The mailbox key of an address that this domain may give out. Stricter than what arrives from outside: no quoted local parts and no
 * slashes, since a mailbox is also a folder.
 */
export const ownAddress = (text: string, domain: string): Address | Declined => {
  const parsed = parseAddress(text)
  if (parsed === null) return new Declined('invalid', `"${text.slice(0, 320)}" is no address`)
  const address = mailboxKey(parsed)
  if (domainOf(address) !== domain) return new Declined('invalid', `${address} is not in ${domain}`)
  return /["/\\]/.test(localPartOf(address))
    ? new Declined('invalid', `${address}: the part before the @ may hold no quotes and no slashes`)
    : address
}
