import type { EdgeCheck } from '#domain/mail/events'
import type { DnsAnswer, DnsResolver } from '#infra/dns/port'
import { isAddressLiteral } from './helo-name.ts'

const TEMPORARY = new Set(['servfail', 'timeout', 'refused', 'error'])

/** Outcomes that say nothing about the name: better no judgement than a wrong one. */
export const isTemporary = ({ outcome }: Pick<DnsAnswer, 'outcome'>): boolean => TEMPORARY.has(outcome)

/** Whether mail could be sent back to `domain`: an MX that is no null MX (RFC 7505), else an address (RFC 5321 5.1). */
export const canReceiveMail = async (dns: DnsResolver, domain: string): Promise<EdgeCheck> => {
  const result = (outcome: EdgeCheck['result'], detail: string | null = null): EdgeCheck => ({
    check: 'sender-domain',
    result: outcome,
    detail,
  })
  if (isAddressLiteral(domain)) return result('none', 'an address literal')
  const exchanges = await dns.query(domain, 'MX')
  if (isTemporary(exchanges)) return result('temperror', `MX: ${exchanges.outcome}`)
  if (exchanges.outcome === 'nxdomain') return result('fail', `${domain} does not exist`)
  if (exchanges.records.length > 0)
    return exchanges.records.every(isNullExchange)
      ? result('fail', `${domain} says that it takes no mail (null MX)`)
      : result('pass')
  return result(...(await hasAddress(dns, domain)))
}

/** Whether the HELO name has an address; an address literal needs none. */
export const resolves = async (dns: DnsResolver, name: string): Promise<EdgeCheck> => {
  if (isAddressLiteral(name)) return { check: 'helo-resolves', result: 'none', detail: 'an address literal' }
  const [result, detail = null] = await hasAddress(dns, name)
  return { check: 'helo-resolves', result, detail }
}

const hasAddress = async (dns: DnsResolver, name: string): Promise<[EdgeCheck['result'], string?]> => {
  const answers = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')])
  if (answers.some(({ records }) => records.length > 0)) return ['pass']
  return answers.some(isTemporary) ? ['temperror', `no answer about ${name} now`] : ['fail', `${name} has no address`]
}

const isNullExchange = (record: unknown): boolean => {
  const exchange = typeof record === 'object' && record !== null && 'exchange' in record ? record.exchange : null
  return exchange === '' || exchange === '.'
}
