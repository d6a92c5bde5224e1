import { dkimRecord, type DkimKey } from '#domain/hosted-domain/dkim'
import { isTemporary, type DnsResolver, txtTexts } from '#infra/dns/port'
import { tagList } from './tag-list.ts'

/** A key's record in the DNS. */
export interface SeenDkimRecord {
  /** `unknown`: the DNS has no answer now, nothing may be judged from that. */
  readonly state: 'published' | 'missing' | 'different' | 'unknown'
  /** What is there instead of it: a sentence; else null. */
  readonly problem: string | null
  readonly published: readonly string[]
}

/** Whether verifiers would find this key (RFC 6376 3.6.1 and 6.1.2, RFC 8463). */
export const seenDkimRecord = async (
  dns: DnsResolver,
  domain: string,
  key: Pick<DkimKey, 'selector' | 'algorithm' | 'publicKey'>,
): Promise<SeenDkimRecord> => {
  const { outcome, records } = await dns.query(dkimRecord(domain, key).name, 'TXT')
  const published = txtTexts(records)
  const answer = (state: SeenDkimRecord['state'], problem: string | null = null) => ({ state, problem, published })
  if (isTemporary(outcome)) return answer('unknown')
  const [text] = published
  if (outcome !== 'ok' || text === undefined) return answer('missing')
  if (published.length > 1) return answer('different', `there are ${published.length} records where one may be`)
  const problem = differs(text, key)
  return problem === null ? answer('published') : answer('different', problem)
}

const differs = (text: string, { algorithm, publicKey }: Pick<DkimKey, 'algorithm' | 'publicKey'>): string | null => {
  const tags = tagList(text)
  if (tags === null) return 'it is no DKIM record'
  const among = (name: string, fallback: string) => (tags.get(name) ?? fallback).toLowerCase().split(/\s*:\s*/)
  if ((tags.get('v') ?? 'DKIM1') !== 'DKIM1') return 'it is no DKIM record: v is not DKIM1'
  const type = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'
  if ((tags.get('k') ?? 'rsa').toLowerCase() !== type) return `it is of another kind of key: k is not ${type}`
  const found = tags.get('p')?.replaceAll(/\s/g, '')
  if (found === undefined) return 'it has no key: p is missing'
  if (found === '') return 'it says that the key is revoked: p is empty'
  if (found !== publicKey) return 'it has another key: p differs'
  if (!among('h', 'sha256').includes('sha256')) return 'it does not allow sha256 (h)'
  if (!among('s', '*').some((service) => service === '*' || service === 'email')) return 'it is not for mail (s)'
  if (among('t', '').includes('y')) return 'it says that signatures are only a test: t=y'
  return null
}
