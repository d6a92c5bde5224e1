import {
  AUTHENTIC_DATA,
  type Answer,
  decode,
  type DecodedPacket,
  DNSSEC_OK,
  encode,
  RECURSION_DESIRED,
} from 'dns-packet'
import { type DnsOutcome, type DnsType, questionName, type TlsaRecord, type ValidatedAnswer } from './port.ts'

/** Questions and answers as they are on the wire (RFC 1035 4). */
export interface Question {
  /** As `questionName` makes it. */
  readonly name: string
  readonly type: DnsType
}

/** Octets that a server may send over UDP: what passes everywhere unfragmented. */
const UDP_PAYLOAD = 1_232
/** CNAMEs followed within one answer, and records taken from it. */
const MAXIMUM_ALIASES = 8
const MAXIMUM_RECORDS = 100

/**
 * Asks for recursion and for the AD bit (RFC 6840 5.7), with EDNS (RFC 6891) and DO for resolvers that set it for those only. `plain`: without,
 * for servers that know no EDNS.
 */
export const queryOctets = (id: number, { name, type }: Question, plain = false): Buffer =>
  encode({
    id,
    type: 'query',
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ name, type, class: 'IN' }],
    additionals: plain ? [] : [OPT],
  })

const OPT = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_PAYLOAD,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: DNSSEC_OK,
  flag_do: true,
  options: [],
} as const satisfies Answer

export interface Understood extends ValidatedAnswer {
  /** Cut to fit: to be asked again over TCP. `records` may lack some. */
  readonly truncated: boolean
  /** Seconds that this answer may be kept: of records the shortest, of none what the zone says (RFC 2308 5). */
  readonly ttl: number
  /** The server can't make anything of EDNS, or says so (RFC 6891 7). */
  readonly rejectsEdns: boolean
  /** It ends in an alias, and doesn't say what is behind it: to be asked for. */
  readonly unfinished: boolean
}

/** null: no answer to this question at all (another id, another question, no DNS): not from whom was asked, or not now. */
export const understood = (octets: Buffer, id: number, question: Question): Understood | null => {
  // Only an answer with this id is worth reading.
  if (octets.length < 12 || octets.readUInt16BE(0) !== id) return null
  let packet: DecodedPacket
  try {
    packet = decode(octets)
  } catch {
    // Whatever the reader tripped over, it's no answer.
    return null
  }
  if (!answers(packet, question)) return null
  const { name, type } = question
  const rcode = rcodeOf(octets, packet)
  const { records, canonicalName, ttl } = recordsOf(packet.answers ?? [], question)
  const outcome = outcomeOf(rcode, records.length)
  const authentic = packet.flag_ad && (outcome === 'ok' || outcome === 'nodata' || outcome === 'nxdomain')
  const found = outcome === 'ok' ? records : []
  const negative = negativeTtl(packet.authorities ?? [], canonicalName)
  const unfinished = outcome === 'nodata' && canonicalName !== name && negative === null
  return {
    name,
    type,
    outcome,
    records: found,
    authentic,
    canonicalName,
    truncated: packet.flag_tc,
    ttl: outcome === 'ok' || unfinished ? (ttl ?? 0) : Math.min(negative ?? 0, ttl ?? Number.POSITIVE_INFINITY),
    rejectsEdns: rcode === 1 || rcode === 4 || rcode === 16,
    unfinished,
  }
}

/** With the bits that EDNS adds (RFC 6891 6.1.3). */
const rcodeOf = (octets: Buffer, { additionals = [] }: DecodedPacket): number => {
  const opt = additionals.find((record) => record.type === 'OPT')
  return ((opt?.type === 'OPT' ? opt.extendedRcode : 0) << 4) | (octets.readUInt8(3) & 0x0f)
}

/** What the SOA of the zone says of how long there is nothing: the shorter of its own TTL and its MINIMUM; null: there is none. */
const negativeTtl = (section: readonly Answer[], name: string): number | null => {
  for (const record of section) {
    if (record.type !== 'SOA') continue
    const zone = questionName(record.name)
    if (zone !== '.' && name !== zone && !name.endsWith(`.${zone}`)) continue
    return Math.min(record.ttl ?? 0, record.data.minimum ?? 0)
  }
  return null
}

const answers = (
  { type, questions = [], flag_qr: response }: DecodedPacket,
  { name, type: asked }: Question,
): boolean => {
  const [only] = questions
  return (
    response &&
    type === 'response' &&
    questions.length === 1 &&
    only?.type === asked &&
    (only.class ?? 'IN') === 'IN' &&
    questionName(only.name) === name
  )
}

const outcomeOf = (rcode: number, records: number): DnsOutcome => {
  if (rcode === 0) return records === 0 ? 'nodata' : 'ok'
  if (rcode === 3) return 'nxdomain'
  return rcode === 5 ? 'refused' : 'servfail'
}

interface Found {
  readonly records: readonly unknown[]
  readonly canonicalName: string
  readonly ttl: number | null
}

/** What is at the end of the CNAMEs that begin at the name asked for; records of other names don't count. */
const recordsOf = (section: readonly Answer[], { name, type }: Question): Found => {
  let canonicalName = name
  let ttl: number | null = null
  const seconds = (record: Answer): void => {
    const own = 'ttl' in record && typeof record.ttl === 'number' ? record.ttl : 0
    ttl = Math.min(ttl ?? own, own)
  }
  const at = (owner: string, wanted: string): Answer[] =>
    section.filter(
      (record) =>
        record.type === wanted &&
        (!('class' in record) || record.class === 'IN') &&
        questionName(record.name) === owner,
    )
  const aliases = type === 'CNAME' ? 0 : MAXIMUM_ALIASES
  for (let hops = 0; hops < aliases; hops++) {
    const [alias] = at(canonicalName, 'CNAME')
    if (alias?.type !== 'CNAME') break
    seconds(alias)
    canonicalName = questionName(alias.data)
  }
  const records: unknown[] = []
  for (const record of at(canonicalName, type).slice(0, MAXIMUM_RECORDS)) {
    seconds(record)
    records.push(formOf(record))
  }
  return { records, canonicalName, ttl }
}

const formOf = (record: Answer): unknown => {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return questionName(record.data)
    case 'TXT':
      // Octets as characters: whoever publishes text beyond ASCII means something by each.
      return [record.data]
        .flat()
        .map((text) => (typeof text === 'string' ? text : Buffer.from(text).toString('latin1')))
    case 'SOA': {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = record.data
      return { nsname: mname, hostmaster: rname, serial, refresh, retry, expire, minttl: minimum }
    }
    case 'MX': {
      const { exchange, preference = 0 } = record.data
      // The root is a null MX (RFC 7505), which others write as an empty name.
      return { exchange: exchange === '.' ? '' : exchange, priority: preference }
    }
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = record.data
      const association = Buffer.from(certificate).toString('hex')
      return { certUsage: usage, selector, match: matchingType, data: association } satisfies TlsaRecord
    }
    default:
      throw new TypeError(`no form for a record of type ${record.type}`)
  }
}
