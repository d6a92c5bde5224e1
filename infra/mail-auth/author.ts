import { decodeWords } from 'postal-mime'
import { parseDomainName } from '#domain/message/domain-name'
import { HeaderProblem } from '#domain/message/header-problem'
import { parseMailboxList, type HeaderMailbox } from '#domain/message/mailbox-list'
import { domainOf } from '#domain/message/mailbox'
import { parseAddress } from '#domain/message/parse-address'
import { explanation } from './explanation.ts'
import { fromFields } from './from-fields.ts'

/** Who header From says a mail is from. */
export interface Author {
  /** Domains that some mail program may show as the author's: lower-case A-labels, each once, at most `MAX_DOMAINS`. */
  readonly domains: readonly string[]
  /** Why programs may show different ones, or one that isn't there: then nothing vouches for any. null: they all show the only domain. */
  readonly doubt: string | null
}

const MAX_DOMAINS = 10
const MAX_VALUE = 64 * 1024

/**
 * Reads header From as mail programs do, who differ (RFC 5322 3.4 and its obsolete forms; Chen, Paxson, Jiang: Composition Kills, 2020).
 * Whatever two of them could read differently is a doubt.
 */
export const authorOf = (header: Buffer): Author => {
  const { values, doubt } = fromFields(header)
  const read = values.map(readValue)
  const domains = [...new Set(read.flatMap((one) => one.domains))].slice(0, MAX_DOMAINS)
  const doubts = [
    values.length > 1 ? `${values.length} From fields` : null,
    doubt,
    ...read.map((one) => one.doubt),
    domains.length > 1 ? `header From names ${domains.length} domains` : null,
  ]
  return { domains, doubt: explanation(doubts.find((one) => one !== null)) }
}

const readValue = (whole: string): Author => {
  const value = whole.slice(0, MAX_VALUE).trim()
  try {
    const mailboxes = parseMailboxList(value, 'From')
    const hidden = mailboxes.find(hidesAddress)
    return {
      domains: mailboxes.map(({ address }) => domainOf(address)),
      doubt:
        mailboxes.length > 1
          ? `header From has ${mailboxes.length} addresses`
          : hidden !== undefined
            ? 'header From has an address within a name'
            : null,
    }
  } catch (error) {
    if (!(error instanceof HeaderProblem)) throw error
    return readLoosely(value, error.message)
  }
}

/** A name in which a program that decodes before it parses, or takes no notice of quotes or quoted pairs, finds an address. */
const hidesAddress = ({ name, address }: HeaderMailbox): boolean => {
  const shown = decodeWords(name ?? '')
  if (/<[^<>]*@/.test(shown) || (shown.includes('"') && shown.includes('@'))) return true
  return shown !== name && domainsIn(shown).some((domain) => domain !== domainOf(address))
}

/**
 * What is against the grammar, as everyday mail is: `Foo, Inc. [x] <ann@example.org>`. No doubt as long as there is but one thing in it that
 * anybody could take for an address, where an address belongs.
 */
const readLoosely = (value: string, problem: string): Author => {
  const decoded = decodeWords(value)
  const domains = [value, decoded].flatMap(domainsIn)
  const [, only] = /^[^<>@]*<([^<>]+)>$/.exec(value) ?? /^([^\s<>@"]+@[^\s<>@"]+)(?: +\([^<>@]*\))?$/.exec(value) ?? []
  const isPlain =
    only !== undefined &&
    !UNSAFE.test(value) &&
    count(value, '@') === 1 &&
    count(decoded, '@') === 1 &&
    !/[<>]/.test(decoded.replaceAll(`<${only}>`, '')) &&
    !/=\?/.test(only) &&
    parseAddress(only.replace(/\.$/, '')) !== null
  return { domains: [...new Set(domains)], doubt: isPlain ? null : problem }
}

/** Anything that some program may take for the end of an address and the beginning of its domain. */
// oxlint-disable-next-line no-control-regex -- they end it
const ADDRESS = /@([^\s<>()",;:\\@[\]\x00-\x1f\x7f]+)/g
/** Controls end a text for some; quoted pairs, groups and routes are read by few; a quoted local part can hold anything. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f\\:;]|"[^"]*@/

const domainsIn = (text: string): string[] => [...text.matchAll(ADDRESS)].flatMap(([, domain]) => nameIn(domain))

const nameIn = (text: string | undefined): string[] => {
  const name = parseDomainName((text ?? '').replace(/\.+$/, ''))
  return name === null ? [] : [name]
}

const count = (text: string, character: string): number => text.split(character).length - 1
