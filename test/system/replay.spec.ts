import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mailStream } from '#domain/mail/events'
import { NoJudgement } from '#apps/inspector/recorded-judgement'
import { replayMail, type Replay } from '#apps/inspector/replay'
import { aggregates } from '#infra/commands/aggregates'
import { summariseHeaders } from '#infra/content-scan/summary'
import { questionName, type DnsAnswer, type DnsResolver } from '#infra/dns/port'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import type { HttpClient } from '#test/dsl/http-client'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { SmtpClient } from '#test/dsl/smtp/client'
import { as, done } from '#test/dsl/story'
import { corpusMails, type CorpusMail } from '#test/conformance/auth/corpus'
import { suiteIsThere } from '#test/conformance/auth/suites'
import { until } from './observing.ts'

const number = (text: string, below: number): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) % below

/** A world in which every name has something to say, and some nothing, or not now; always the same. */
const world = (name: string, type: string): Pick<DnsAnswer, 'outcome' | 'records'> => {
  const chance = number(`${type} ${name}`, 1_000)
  if (chance < 20) return { outcome: 'servfail', records: [] }
  if (chance < 21) return { outcome: 'timeout', records: [] }
  if (chance < 100) return { outcome: 'nodata', records: [] }
  const ok = (...records: unknown[]): Pick<DnsAnswer, 'outcome' | 'records'> => ({ outcome: 'ok', records })
  if (name.endsWith('.uri.lists'))
    return name === 'test.uri.lists' || (name !== 'invalid.uri.lists' && chance < 300)
      ? ok(type === 'TXT' ? ['listed'] : '127.0.0.2')
      : { outcome: 'nxdomain', records: [] }
  if (chance < 250) return { outcome: 'nxdomain', records: [] }
  if (type === 'A') return ok(`192.0.2.${chance % 250}`)
  if (type === 'MX') return ok({ priority: 10, exchange: `mx.${name}` })
  if (type !== 'TXT') return { outcome: 'nodata', records: [] }
  if (name.startsWith('_dmarc.'))
    return ok([`v=DMARC1; p=${['none', 'quarantine', 'reject'][chance % 3]}; pct=${chance % 101}`])
  const more = name.startsWith('spf.') ? 'a' : `a include:spf.${name}`
  const [own, all] = [chance % 2 === 0 ? 'ip4:127.0.0.0/8' : more, '-~?'[chance % 3]]
  return ok([`v=spf1 ${own} ${all}all`])
}

const fakeDns = () => {
  const script = scriptedDns()
  const resolver: DnsResolver = {
    async query(asked, type) {
      const name = questionName(asked)
      return { name, type, ...(name.length > 200 ? { outcome: 'nxdomain', records: [] } : world(name, type)) }
    },
  }
  return { ...script, ...resolver, aliasesOf: () => [] }
}

const CLIENTS = 8
const PEOPLE = ['ann@mailkeep.test', 'ben@mailkeep.test']

const sendAll = async (demo: Demo, mails: Iterator<CorpusMail>): Promise<string[]> => {
  const ids: string[] = []
  const run = async (): Promise<void> => {
    const client = await SmtpClient.connect(demo.port('mx'))
    try {
      await client.reply()
      await client.say('EHLO client.outside.example')
      for (let next = mails.next(); next.done !== true; next = mails.next()) {
        const { name, raw } = next.value
        const { from } = summariseHeaders(raw.subarray(0, 16_384))
        const sender = from !== null && /^[\x21-\x7e]{3,200}$/.test(from.address) && !/[<>]/.test(from.address)
        if (!(await client.say(`MAIL FROM:<${sender ? from.address : ''}>`))?.startsWith('250'))
          expect(await client.say('MAIL FROM:<>')).toMatch(/^250/)
        for (const person of PEOPLE.slice(0, 1 + number(name, 2)))
          expect(await client.say(`RCPT TO:<${person}>`)).toMatch(/^250/)
        await client.say('DATA')
        const stuffed = raw.toString('latin1').replaceAll(/^\./gm, '..')
        client.write(Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'))
        const reply = await client.reply()
        const id = /^250 2\.0\.0 Ok: (\w+)/.exec(reply ?? '')?.[1]
        if (id === undefined) throw new Error(`${name}: ${reply}`)
        ids.push(id)
      }
    } finally {
      client.destroy()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, run))
  return ids
}

interface Result {
  readonly mails: number
  readonly verdicts: number
  readonly unchanged: number
  readonly toHeld: number
}

const simulated = async (
  admin: HttpClient,
  changes: object,
  stretch: { readonly from?: string; readonly to?: string },
): Promise<Result> => {
  const { id } = await done(admin, 'POST', '/policies/simulations', { changes, from: '2020-01-01', ...stretch })
  return until(
    'a simulation',
    async () => {
      const { state, result } = await done(admin, 'GET', `/policies/simulations/${String(id)}`)
      return state === 'done' && (result as Result)
    },
    300_000,
  )
}

/** Of each recipient who was judged by score. */
const scoresOf = async ({ foundation }: Demo, ids: readonly string[]) => {
  const scores: { readonly score: number; readonly threshold: number }[] = []
  for (const id of ids)
    for (const { type, data } of await foundation.log.readStream(mailStream(id)))
      if (type === 'Scored') scores.push(...(data as unknown as { recipients: typeof scores }).recipients)
  return scores
}

function* half(mails: Iterator<CorpusMail>, count: number): Generator<CorpusMail> {
  for (let taken = 0; taken < count; taken++) {
    const next = mails.next()
    if (next.done === true) return
    yield next.value
  }
}

describe.runIf(suiteIsThere('mail-corpus'))('the mails of the public corpus', () => {
  it('come to the same verdicts from their evidence, after changes of policy too', async () => {
    const dns = await dnsServer(fakeDns(), 3_600)
    const demo = await startDemo({ MAILKEEP_DNS_SERVERS: dns.address })
    try {
      const admin = await as(demo, 'admin')
      const lists = [{ zone: 'uri.lists', name: 'URI' }]
      // Nothing is held before it is judged; long lines and NULs of old mail are taken as they are.
      const unscannable = Object.fromEntries(
        ['encrypted', 'malformed', 'too-deep', 'too-large', 'bomb'].map((kind) => [kind, 'score']),
      )
      const policy = (name: string, document: object) =>
        done(admin, 'PUT', `/policies/${name}`, { document, reason: 'for this run' })
      await policy('edge', {
        limits: { mailsPerConnection: 10_000, connectionsPerAddress: 100, dataLine: 1_000_000 },
        bareLineEnds: 'normalise',
      })
      await policy('inspection', { unscannable, uriBlockLists: lists })
      const mails = corpusMails()
      const ids = await sendAll(demo, half(mails, 3_750))
      const changedAt = new Date().toISOString()
      await policy('inspection', { unscannable, uriBlockLists: lists, threshold: 7, weights: { SPF_NONE: 1 } })
      ids.push(...(await sendAll(demo, mails)))
      expect(ids).toHaveLength(7_500)
      const { content, hostedDomains: domains, log, policies, states, views } = demo.foundation
      const waiting = (): number =>
        views.select<{ mails: number }>(
          'mail-trace',
          `SELECT count(*) AS mails FROM {mails} WHERE flow = 'inbound' AND authentication IS NULL AND viruses IS NULL`,
        )[0]?.mails ?? 0
      await views.caughtUp('mail-trace', (await log.lastPosition({ categories: ['mail'] }))!, 60_000)
      await until('all verdicts', async () => waiting() === 0, 300_000)
      await policy('inspection', {
        threshold: 1,
        authentication: { dmarc: 'tree-walk' },
        attachments: { enabled: false },
      })

      const counts = { same: 0, infected: 0, answers: 0, bytes: 0, kept: 0 }
      const different: { id: string; replay: Replay }[] = []
      for (const id of ids) {
        try {
          const replay = await replayMail({ content, domains, log, policies }, id)
          if (replay.same && replay.authentication === 'recomputed') counts.same += 1
          else different.push({ id, replay })
          counts.answers += replay.answers
        } catch (error) {
          if (!(error instanceof NoJudgement)) throw error
          counts.infected += 1
          continue
        }
        const { state } = await states.load(aggregates.mail, mailStream(id))
        const evidence = await content.read(state?.authentication?.evidence ?? '', 1024 * 1024)
        counts.bytes += evidence.length
        counts.kept += zstdCompressSync(evidence).length
      }
      const judged = ids.length - counts.infected
      const average = (sum: number): number => Math.round(sum / judged)
      console.log(
        `replay: ${counts.same} of ${judged} verdicts the same (${counts.infected} more had a virus and none); evidence ${average(counts.kept)} bytes on average, ${average(counts.bytes)} before it is compressed, ${(counts.answers / judged).toFixed(1)} answers of the DNS`,
      )
      expect(different.slice(0, 3)).toEqual([])
      expect(counts.same).toBe(judged)
      expect(judged).toBeGreaterThan(7_400)
      expect(average(counts.kept)).toBeLessThanOrEqual(4_096)

      // The second half under the policy that it was judged by: as it was. The first under a lower threshold: what its scores say.
      const then = {
        unscannable,
        uriBlockLists: lists,
        authentication: { dmarc: 'rfc7489' },
        attachments: { enabled: true },
      }
      const again = await simulated(
        admin,
        { inspection: { ...then, threshold: 7, weights: { SPF_NONE: 1 } } },
        { from: changedAt },
      )
      const [lower, scores] = [3, await scoresOf(demo, ids.slice(0, 3_750))]
      const lowered = await simulated(admin, { inspection: { ...then, threshold: lower } }, { to: changedAt })
      console.log(
        `simulations: ${again.unchanged} of ${again.verdicts} verdicts as they were; ${lowered.toHeld} of ${lowered.verdicts} more held with a threshold of ${lower}`,
      )
      expect(again).toMatchObject({ mails: 3_750, unchanged: again.verdicts, unknown: 0 })
      expect(lowered).toMatchObject({ mails: 3_750, toDelivered: 0, unknown: 0 })
      expect(lowered.toHeld).toBe(scores.filter(({ score, threshold }) => score >= lower && score < threshold).length)
      expect(lowered.toHeld).toBeGreaterThan(10)
    } finally {
      dns.close()
    }
  })
})
