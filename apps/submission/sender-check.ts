import type { DomainSettings } from '#domain/hosted-domain/events'
import { domainOf, type Address } from '#domain/message/mailbox'
import { decodedWords } from '#infra/content-scan/encoded-words'
import type { HeaderField } from './header-fields.ts'
import { readOriginators } from './originators.ts'

/** What the check needs to know of the submitter. */
export interface Submitter {
  readonly account: Address
  /** An address of theirs: their own, an alias, a sub-address, or one that was granted to them. */
  readonly owns: (address: Address) => boolean
  readonly isHosted: (domain: string) => boolean
  readonly spoofing: DomainSettings['spoofing']
  readonly smtputf8: boolean
}

export type SenderFinding =
  | { readonly kind: 'own' }
  /** Policy only records it. */
  | { readonly kind: 'recorded'; readonly foreign: Address; readonly field: string }
  /** Policy has the From written anew; a Sender or Resent- field that is another's goes. */
  | { readonly kind: 'to-be-rewritten'; readonly foreign: Address; readonly field: string }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * The spoof check on a header: every address of From, Sender, Resent-From and Resent-Sender is the submitter's. A resender answers for the From of
 * what they send again: readers and DMARC look at nothing else. What can't be read without doubt is refused whatever policy says.
 * @throws HeaderProblem for that
 */
export const checkSender = (block: Buffer, fields: readonly HeaderField[], submitter: Submitter): SenderFinding => {
  const { from, sender, resent } = readOriginators(block, fields)
  const claimed = [
    ...from.map((mailbox) => ({ ...mailbox, field: 'From' })),
    ...(sender === null ? [] : [{ ...sender, field: 'Sender' }]),
    ...resent.map((mailbox) => ({ ...mailbox, field: 'Resent-From' })),
  ]
  for (const { address, name, field } of claimed) {
    if (!submitter.smtputf8 && !isAscii(address))
      return { kind: 'refused', why: `${field} has <${address}>, which needs SMTPUTF8` }
    const hidden = name === null ? null : addressHiddenIn(name, submitter)
    if (hidden !== null) return { kind: 'refused', why: `the name in ${field} pretends to be <${hidden}>` }
  }
  const foreign = claimed.find(({ address }) => !submitter.owns(address))
  if (foreign === undefined) return { kind: 'own' }
  switch (submitter.spoofing) {
    case 'record':
      return { kind: 'recorded', foreign: foreign.address, field: foreign.field }
    case 'rewrite':
      return { kind: 'to-be-rewritten', foreign: foreign.address, field: foreign.field }
    case 'reject':
      return { kind: 'refused', why: notYours(foreign.address, submitter.account, foreign.field) }
  }
}

export const notYours = (address: Address, account: Address, field: string): string =>
  `<${address}> in ${field} is no address of ${account}`

/** Many readers show the name alone: one that is the address of somebody here would be taken for it. */
const addressHiddenIn = (name: string, { owns, isHosted }: Submitter): Address | null => {
  const shown = decodedWords(name).normalize('NFKC')
  for (const [found] of shown.matchAll(/[^\s<>()"',:;@]{1,64}@[^\s<>()"',:;@]{1,255}/gu)) {
    const address = found.replace(/\.+$/, '').toLowerCase()
    if (isHosted(domainOf(address)) && !owns(address)) return address
  }
  return null
}

// oxlint-disable-next-line no-control-regex -- the whole of ASCII
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
