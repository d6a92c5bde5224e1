import { z } from 'zod'
import { isTemporary, questionName } from '#infra/dns/port'
import { reverseName } from '#infra/dns/names'
import { type CheckedDomain, type Finding, noAnswer, type OwnAddresses } from './finding.ts'

const mxRecord = z.object({ exchange: z.string(), priority: z.number() })

const addressesOf = async ({ dns }: CheckedDomain, name: string): Promise<{ found: string[]; unknown: boolean }> => {
  const answers = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')])
  return {
    found: answers.flatMap(({ records }) => records.map(String)),
    unknown: answers.some(({ outcome }) => isTemporary(outcome)),
  }
}

export const ownAddresses = async (checked: CheckedDomain): Promise<OwnAddresses> => {
  const { found, unknown } = await addressesOf(checked, checked.hostname)
  const { sendingAddresses } = checked.settings
  return {
    ofName: found,
    sending: sendingAddresses.length > 0 ? sendingAddresses : found,
    unknown,
  }
}

/** Whether our own name leads anywhere. */
export const checkAddress = ({ hostname }: CheckedDomain, { ofName, unknown }: OwnAddresses): Finding => {
  const is = ofName.length > 0 ? 'ok' : unknown ? 'unknown' : 'missing'
  return {
    check: 'address',
    name: hostname,
    type: 'A',
    status: is,
    needed: true,
    published: [...ofName],
    expected: null,
    publish: null,
    advice: {
      ok: `${hostname} is known by its address.`,
      unknown: 'The DNS gave no answer: nothing is known about it now. Look again later.',
      missing: `${hostname} has no address, so nobody can reach this server by its name: publish an A or AAAA record with its public address, or set hostname to its right name.`,
    }[is],
  }
}

export const checkMx = async (checked: CheckedDomain, own: OwnAddresses): Promise<Finding> => {
  const { dns, domain, hostname } = checked
  const { outcome, records } = await dns.query(domain, 'MX')
  const hosts = records
    .flatMap((record) => mxRecord.safeParse(record).data ?? [])
    .toSorted((one, other) => one.priority - other.priority)
    .slice(0, 50)
  const finding = (status: Finding['status'], advice: string): Finding => ({
    check: 'mx',
    name: domain,
    type: 'MX',
    status,
    needed: true,
    published: hosts.map(({ priority, exchange }) => `${priority} ${exchange === '' ? '.' : exchange}`),
    expected: `10 ${hostname}`,
    publish: status === 'missing' || status === 'wrong' ? `${domain}. MX 10 ${hostname}.` : null,
    advice,
  })
  if (isTemporary(outcome)) return finding('unknown', noAnswer(outcome))
  const [first] = hosts
  if (first === undefined)
    return finding('missing', `No MX record says where mail for ${domain} goes: publish one with ${hostname}.`)
  if (hosts.length === 1 && (first.exchange === '' || first.exchange === '.'))
    return finding('wrong', `${domain} says that it takes no mail at all: replace the null MX by ${hostname}.`)
  const whose = await Promise.all(hosts.map(({ exchange }) => isOurs(checked, own, exchange)))
  const others = hosts.filter((_, at) => whose[at] === 'not').map(({ exchange }) => exchange)
  if (!whose.includes('ours'))
    return whose.includes('unknown')
      ? finding('unknown', 'Whether the names in the MX records are ours is not known now. Look again later.')
      : finding('wrong', `Mail for ${domain} goes to ${others.join(', ')} and not here: let the MX be ${hostname}.`)
  if (others.length > 0)
    return finding(
      'warning',
      `Some mail for ${domain} goes past this server, to ${others.join(', ')}: it is neither checked nor archived. Remove those MX records.`,
    )
  return finding('ok', `Mail for ${domain} comes here.`)
}

/** By name, or because it leads to one of our addresses. */
const isOurs = async (
  checked: CheckedDomain,
  own: OwnAddresses,
  exchange: string,
): Promise<'ours' | 'not' | 'unknown'> => {
  if (questionName(exchange) === questionName(checked.hostname)) return 'ours'
  const { found, unknown } = await addressesOf(checked, exchange)
  if (found.some((address) => own.ofName.includes(address) || own.sending.includes(address))) return 'ours'
  return unknown || own.unknown ? 'unknown' : 'not'
}

/** One per address that we send from: its name, and whether the name leads back (FCrDNS). Many servers refuse mail without. */
export const checkReverse = async (checked: CheckedDomain, address: string): Promise<Finding> => {
  const { dns, hostname } = checked
  const name = reverseName(address)
  const { outcome, records } = await dns.query(name, 'PTR')
  const published = records.map(String).slice(0, 10)
  const finding = (status: Finding['status'], advice: string): Finding => ({
    check: 'ptr',
    name,
    type: 'PTR',
    status,
    needed: true,
    published,
    expected: hostname,
    publish: status === 'missing' || status === 'wrong' ? `${name}. PTR ${hostname}.` : null,
    advice,
  })
  if (isTemporary(outcome)) return finding('unknown', noAnswer(outcome))
  if (published.length === 0)
    return finding(
      'missing',
      `${address} has no name: many servers take no mail from it. Whoever gave you the address sets its PTR record.`,
    )
  const names = await Promise.all(published.map((one) => addressesOf(checked, one)))
  const at = names.findIndex(({ found }) => found.some((one) => sameAddress(one, address)))
  if (at === -1)
    return names.some(({ unknown }) => unknown)
      ? finding(
          'unknown',
          `Whether ${published.join(', ')} leads back to ${address} is not known now. Look again later.`,
        )
      : finding(
          'wrong',
          `${address} is called ${published.join(', ')}, which does not lead back to it: publish an address record of that name, or let the PTR be ${hostname}.`,
        )
  return published.some((one) => questionName(one) === questionName(hostname))
    ? finding('ok', `${address} is ${hostname}, both ways.`)
    : finding('ok', `${address} is ${published[at]}, both ways; this server calls itself ${hostname}, which is fine.`)
}

const sameAddress = (one: string, other: string): boolean => reverseName(one) === reverseName(other)
