import { parseDomainName } from '../message/domain-name.ts'
import { domainOf, mailboxKey, type Address } from '../message/mailbox.ts'
import { parseAddress } from '../message/parse-address.ts'

/**
 * An entry in canonical form: `local@domain`, `@domain` or `.domain` (the domain and its subdomains), lower case, A-labels.
 * null: it is none of these.
 */
export const parseSenderPattern = (text: string): string | null => {
  const typed = text.trim()
  const sign = typed.charAt(0)
  if (sign === '@' || sign === '.') {
    const domain = parseDomainName(typed.slice(1))
    return domain === null ? null : `${sign}${domain}`
  }
  const address = parseAddress(typed)
  return address === null ? null : mailboxKey(address)
}

/** Who a mail claims to be from: the envelope's reverse-path and every address of header From. */
export interface ClaimedSender {
  readonly reversePath: Address | null
  readonly headerAddresses: readonly Address[]
}

export interface SenderMatch {
  readonly list: 'allow' | 'block'
  readonly entry: string
}

/**
 * The entry that applies of one owner's lists: the more specific wins (address, `@domain`, `.domain` by its length), at equal precision
 * block. The recipient's lists are asked first, the domain's only when nothing there matches. `entries` in canonical form: a `Map` will do.
 */
export const matchSender = (
  { entries }: { readonly entries: { get(entry: string): { readonly list: 'allow' | 'block' } | undefined } },
  sender: ClaimedSender,
): SenderMatch | null => {
  for (const equallyPrecise of patternsOf(sender)) {
    const matches = equallyPrecise.flatMap((entry): SenderMatch[] => {
      const found = entries.get(entry)
      return found === undefined ? [] : [{ list: found.list, entry }]
    })
    const match = matches.find(({ list }) => list === 'block') ?? matches[0]
    if (match !== undefined) return match
  }
  return null
}

/** Every entry that would match, the most precise first, those of equal precision together. */
const patternsOf = ({ reversePath, headerAddresses }: ClaimedSender): readonly (readonly string[])[] => {
  const claimed = new Set([...(reversePath === null ? [] : [reversePath]), ...headerAddresses].map(canonical))
  const domains = new Set([...claimed].map(domainOf))
  const bySuffixLength = new Map<number, Set<string>>()
  for (const domain of domains) {
    const labels = domain.split('.')
    for (const [skipped] of labels.entries()) {
      const length = labels.length - skipped
      const suffixes = bySuffixLength.get(length) ?? new Set()
      bySuffixLength.set(length, suffixes.add(`.${labels.slice(skipped).join('.')}`))
    }
  }
  const suffixes = [...bySuffixLength].toSorted(([one], [other]) => other - one)
  return [[...claimed], [...domains].map((domain) => `@${domain}`), ...suffixes.map(([, patterns]) => [...patterns])]
}

/** Headers can hold anything: what is no address is compared as it stands. */
const canonical = (address: Address): Address => mailboxKey(parseAddress(address) ?? address)
