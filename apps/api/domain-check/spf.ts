import { methodDns } from '#infra/mail-auth/mailauth-resolver'
import { evaluateSpf, SPF_QUESTIONS } from '#infra/mail-auth/spf'
import { txtTexts } from '#infra/dns/port'
import { isTemporary } from '#infra/dns/port'
import { type CheckedDomain, type Finding, noAnswer, type OwnAddresses, publishTxt } from './finding.ts'

/** One record (RFC 7208 3.2), it lets our addresses send, it says what of the others, and evaluates within its limits (4.6.4). */
export const checkSpf = async (checked: CheckedDomain, { sending, unknown }: OwnAddresses): Promise<Finding> => {
  const { dns, domain, hostname } = checked
  const { outcome, records } = await dns.query(domain, 'TXT')
  const published = txtTexts(records).filter((text) => /^v=spf1( |$)/i.test(text))
  const terms = sending.map((address) => `${address.includes(':') ? 'ip6' : 'ip4'}:${address}`)
  const [record] = published
  const expected = expectedRecord(record, terms.length === 0 ? [`a:${hostname}`] : terms)
  const finding = (status: Finding['status'], advice: string, should = expected): Finding => ({
    check: 'spf',
    name: domain,
    type: 'TXT',
    status,
    needed: true,
    published: [...published],
    expected: should,
    publish: status === 'missing' || status === 'wrong' ? publishTxt(domain, should) : null,
    advice,
  })
  if (isTemporary(outcome)) return finding('unknown', noAnswer(outcome))
  if (record === undefined)
    return finding(
      'missing',
      `No SPF record says who may send for ${domain}: anybody seems to be allowed. Publish one.`,
    )
  if (published.length > 1)
    return finding(
      'wrong',
      `There are ${published.length} SPF records; with more than one none counts. Keep one that says it all.`,
    )
  if (sending.length === 0)
    return finding(
      unknown ? 'unknown' : 'warning',
      `From which addresses mail is sent is not known: ${hostname} has none in the DNS, and the domain's sendingAddresses are not set.`,
      record,
    )
  const results = await Promise.all(sending.map((address) => evaluated(checked, address)))
  const temporary = results.find(({ result }) => result === 'temperror')
  const broken = results.find(({ result }) => result === 'permerror')
  if (broken !== undefined)
    return finding('wrong', `The record can't be evaluated: ${broken.explanation ?? 'a permanent error'}. Mend it.`)
  const refused = results.filter(({ result }) => result !== 'pass' && result !== 'temperror')
  if (refused.length > 0)
    return finding(
      'wrong',
      `It does not let ${refused.map(({ address, result }) => `${address} (${result})`).join(', ')} send: add what is missing.`,
    )
  if (temporary !== undefined)
    return finding('unknown', `It could not be evaluated now: ${temporary.explanation ?? 'a temporary error'}.`, record)
  const ending = /(?:^| )([-~?+]?)all *$/i.exec(record)?.[1]
  if (ending === '+' || ending === '')
    return finding(
      'wrong',
      'It ends with +all: anybody may send. Let it end with -all.',
      record.replace(/\+?all *$/i, '-all'),
    )
  if (ending === '-' || ending === '~' || / redirect=/i.test(record))
    return finding('ok', `It lets ${sending.join(', ')} send.`, record)
  return finding(
    'warning',
    `It lets ${sending.join(', ')} send, but says nothing of everybody else: let it end with -all, or ~all to begin with.`,
    ending === '?' ? record.replace(/\?all *$/i, '-all') : `${record.trimEnd()} -all`,
  )
}

const evaluated = async ({ dns, domain, hostname }: CheckedDomain, address: string) => ({
  address,
  ...(await evaluateSpf(
    { ip: address, helo: hostname, reversePath: `postmaster@${domain}`, hostname },
    methodDns(dns, SPF_QUESTIONS),
  )),
})

/** What is there with what is missing before its end; a new one where there is none. */
const expectedRecord = (record: string | undefined, terms: readonly string[]): string => {
  if (record === undefined) return `v=spf1 ${terms.join(' ')} -all`
  const words = record.trim().split(/ +/)
  const added = terms.filter((term) => !words.some((word) => word.toLowerCase().replace(/^\+/, '') === term))
  const end = words.findIndex((word) => /^[-~?+]?all$|^redirect=/i.test(word))
  return (end === -1 ? [...words, ...added, '-all'] : words.toSpliced(end, 0, ...added)).join(' ')
}
