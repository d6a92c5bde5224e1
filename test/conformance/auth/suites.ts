import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { DnsType } from '#infra/dns/port'
import { scriptedDns, type ScriptedDns } from '#test/dsl/dns'

/** Where the suites that others wrote are (never copied into the project). */
const testData = process.env['MAILKEEP_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data')

/** Says in one line that a suite is missing; in CI it must be there. */
export const suiteIsThere = (folder: string): boolean => {
  const there = existsSync(join(testData, folder))
  if (!there) {
    if (process.env['CI'] !== undefined) throw new Error(`the suite ${folder} is missing under ${testData}`)
    console.log(`${folder}: not at ${testData}, skipped`)
  }
  return there
}

export const read = (...path: string[]): Buffer => readFileSync(join(testData, ...path))
export const list = (folder: string, ending: string): string[] =>
  readdirSync(join(testData, folder))
    .filter((name) => name.endsWith(ending))
    .toSorted()

const documents = (file: string): unknown[] =>
  parseAllDocuments(read(file).toString('utf8'), { uniqueKeys: false, logLevel: 'silent' }).flatMap((document) => {
    const value: unknown = 'toJS' in document ? document.toJS() : null
    return value === null ? [] : [value]
  })

export interface SpfCase {
  readonly name: string
  readonly host: string
  readonly helo: string
  readonly mailfrom: string
  readonly expected: readonly string[]
  readonly dns: ScriptedDns
}

type ZoneEntry = string | Record<string, unknown>
type SpfDocument = {
  tests: Record<string, { host: string; helo: string; mailfrom?: string | null; result: string | string[] }>
  zonedata: Record<string, ZoneEntry[]>
}

const ZONE_TYPES: readonly DnsType[] = ['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME', 'NS']

/** The suite's zone language: SPF records stand for TXT where a name has no TXT of its own; `TIMEOUT` for every other type. */
const spfZone = (zone: SpfDocument['zonedata']): ScriptedDns => {
  const dns = scriptedDns()
  for (const [name, entries] of Object.entries(zone)) {
    const records: Partial<Record<DnsType, unknown[]>> = {}
    const typed = entries.filter((entry): entry is Record<string, unknown> => typeof entry !== 'string')
    const hasTxt = typed.some((entry) => 'TXT' in entry)
    for (const [type, value] of typed.flatMap((entry) => Object.entries(entry))) {
      if (value === 'NONE') continue
      if (type === 'TXT' || (type === 'SPF' && !hasTxt)) {
        const strings = Array.isArray(value) ? value.map(String) : [String(value)]
        ;(records.TXT ??= []).push(strings)
      } else if (type === 'MX' && Array.isArray(value)) {
        ;(records.MX ??= []).push({ priority: Number(value[0]), exchange: String(value[1]) })
      } else if (type !== 'SPF') (records[type as DnsType] ??= []).push(String(value))
    }
    dns.set(name, records)
    if (entries.includes('TIMEOUT')) {
      for (const type of ZONE_TYPES) if (records[type] === undefined) dns.fail(name, type, 'timeout')
    }
  }
  return dns
}

/** The test suite of RFC 7208, all documents in one list. */
export const spfCases = (): SpfCase[] =>
  (documents('spf/rfc7208-tests.yml') as SpfDocument[]).flatMap((document) =>
    Object.entries(document.tests).map(([name, test]) => ({
      name,
      host: String(test.host),
      helo: String(test.helo),
      mailfrom: test.mailfrom ?? '',
      expected: [test.result].flat(),
      dns: spfZone(document.zonedata),
    })),
  )

export interface ArcCase {
  readonly name: string
  readonly message: Buffer
  readonly expected: string
  readonly dns: ScriptedDns
}

type ArcDocument = {
  description: string
  tests: Record<string, { message: string; cv?: string | null }>
  'txt-records': Record<string, string>
}

/** ARC's validation suite. Messages are given with LF; on the wire they have CRLF. */
export const arcCases = (): ArcCase[] =>
  (documents('arc/arc-draft-validation-tests.yml') as ArcDocument[]).flatMap((document) =>
    Object.entries(document.tests).map(([name, test]) => ({
      name,
      message: Buffer.from((test.message ?? '').replaceAll(/\r?\n/g, '\r\n'), 'utf8'),
      // Left empty where the newest seal itself says cv=fail: that chain has failed (RFC 8617 5.2).
      expected: (test.cv ?? '').trim().toLowerCase() || 'fail',
      dns: scriptedDns(
        Object.fromEntries(Object.entries(document['txt-records']).map(([key, text]) => [key, { TXT: [[text]] }])),
      ),
    })),
  )

export interface ArcSealCase {
  readonly name: string
  readonly message: string
  readonly domain: string
  readonly selector: string
  readonly privateKey: string
  readonly authservId: string
  readonly signs: readonly string[]
  /** Seconds. */
  readonly time: number
  readonly expected: Readonly<Record<'Seal' | 'Message-Signature' | 'Authentication-Results', string>>
}

type ArcSealDocument = {
  tests: Record<
    string,
    { message: string; t: number; 'sig-headers': string; 'srv-id': string } & Record<string, unknown>
  >
  domain: string
  sel: string
  privatekey: string
}

/** ARC's signing suite; an expectation that is left empty: no set is added. */
export const arcSealCases = (): ArcSealCase[] =>
  (documents('arc/arc-draft-sign-tests.yml') as ArcSealDocument[]).flatMap((document) =>
    Object.entries(document.tests).map(([name, test]) => ({
      name,
      message: test.message.replaceAll(/\r?\n/g, '\r\n'),
      domain: document.domain,
      selector: document.sel,
      privateKey: document.privatekey,
      authservId: test['srv-id'],
      signs: test['sig-headers'].split(':'),
      time: test.t,
      expected: {
        Seal: String(test['AS'] ?? ''),
        'Message-Signature': String(test['AMS'] ?? ''),
        'Authentication-Results': String(test['AAR'] ?? ''),
      },
    })),
  )

/** `name  record` per line, as Mail::DKIM keeps it; `~~nxdomain~~`-like marks are outcomes. */
export const fakeDns = (text: string): ScriptedDns => {
  const dns = scriptedDns()
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue
    const space = line.search(/\s/)
    const name = space === -1 ? line : line.slice(0, space)
    const record = space === -1 ? '' : line.slice(space).trim()
    if (/^~~Query timed out~~$/i.test(record)) dns.set(name, 'timeout')
    else if (/^~~(NXDOMAIN|.*)~~$/i.test(record)) dns.set(name, /servfail/i.test(record) ? 'servfail' : 'nxdomain')
    else if (record === '' || record === 'NXDOMAIN') dns.set(name, 'nxdomain')
    else dns.set(name, { TXT: [[record]] })
  }
  return dns
}

/** chasquid's zone files: `name: record` with `\` at line ends; several records of one name are several TXT records. */
export const chasquidDns = (text: string): ScriptedDns => {
  const records = new Map<string, string[][]>()
  for (const line of text.replaceAll(/\\\n\s*/g, '').split('\n')) {
    const at = line.indexOf(':')
    if (at === -1) continue
    const name = line.slice(0, at).trim()
    records.set(name, [...(records.get(name) ?? []), [line.slice(at + 1).trim()]])
  }
  const dns = scriptedDns()
  for (const [name, txt] of records) {
    const only = txt[0]?.[0] ?? ''
    if (only === 'TEMPERROR' || /temporary/i.test(only)) dns.set(name, 'servfail')
    else if (only === 'PERMERROR' || /permanent/i.test(only)) dns.set(name, 'nxdomain')
    else dns.set(name, { TXT: txt })
  }
  return dns
}
