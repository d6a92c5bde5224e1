import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startClamd } from '#test/real/clamd'
import { cpuOf, median, memoryOf, say, settled } from './measure.ts'
import type { Pipeline, PipelineSettings } from './pipeline.ts'
import { startPostfix } from './peers/postfix.ts'
import { startSender, type Sender } from './sender.ts'
import { startMailkeep } from './server.ts'

/**
 * `npm run bench -- inbound`: 1,500 mails of the corpus by 10 connections, each scanned by clamd, authenticated, judged and delivered,
 * until the last is in its Maildir or in quarantine: mails/s, CPU seconds per 1,000 mails (with clamd's share), peak memory. The peer of
 * the same run is Postfix with rspamd as milter and the same clamd behind rspamd, delivering to a Maildir. Every DNS question is
 * answered with NXDOMAIN by a server on loopback, for both.
 */
const CONNECTIONS = 10
const DATA = process.env['MAILKEEP_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
/** Measured by others on a machine of this kind: mails/s, CPU seconds per 1,000. */
const ELSEWHERE = 'Postfix + rspamd + clamd did 144/s at 10.7 CPU-s, Haraka + rspamd + clamd 160/s at 11.4 elsewhere'
const DONE_WITHIN_MS = 300_000

interface Measured {
  readonly rate: number
  /** Milliseconds per mail, and of these clamd's. */
  readonly cpu: number
  readonly clamd: number
  readonly peak: number
  readonly outcome: string
}

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mails: { type: 'string', default: '1500' },
      rounds: { type: 'string', default: '3' },
      peer: { type: 'string', default: 'postfix' },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const folder = await mkdtemp(join(values.dir, 'mailkeep-inbound-'))
  const clamd = await startClamd()
  const dns = await dnsServer(scriptedDns())
  try {
    const mails = prepareMails(join(folder, 'mails'), Number(values.mails))
    const settings = { clamd: clamd.socket, dns: dns.address }
    const sender = await startSender(join(folder, 'mails'))
    const pipelines: { into: Measured[]; pipeline: Pipeline }[] = []
    const [ours, theirs]: [Measured[], Measured[]] = [[], []]
    try {
      pipelines.push({ into: ours, pipeline: await startOurs(join(folder, 'ours'), settings) })
      if (values.peer === 'postfix') pipelines.push({ into: theirs, pipeline: await startPostfix(settings) })
      for (const { pipeline } of pipelines) {
        say(`warming up: ${pipeline.name}`)
        await warm(pipeline, sender, mails)
      }
      for (let round = 1; round <= Number(values.rounds); round++) {
        for (const { into, pipeline } of round % 2 === 1 ? pipelines : pipelines.toReversed()) {
          say(`round ${round} of ${values.rounds}: ${pipeline.name}`)
          into.push(await measure(pipeline, sender, mails, clamd.pid))
        }
      }
    } finally {
      sender.stop()
      for (const { pipeline } of pipelines) await pipeline.stop()
    }
    return told(mails, ours, theirs)
  } finally {
    dns.close()
    await clamd.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const told = (mails: number, ours: readonly Measured[], theirs: readonly Measured[]): string[] => {
  const middle = (of: readonly Measured[], pick: (one: Measured) => number): number => median(of.map(pick))
  const line = (of: readonly Measured[]): string =>
    `${middle(of, ({ rate }) => rate).toFixed(0)} mails/s at ${middle(of, ({ cpu }) => cpu).toFixed(1)} CPU-s per 1,000 (clamd ${middle(of, ({ clamd }) => clamd).toFixed(1)}), peak ${middle(of, ({ peak }) => peak).toFixed(0)} MiB`
  const lines = [`inbound: ${line(ours)}, ${mails} mails: ${ours.at(-1)?.outcome ?? ''}`]
  if (theirs.length === 0) return [...lines, `inbound: ${ELSEWHERE}`]
  const ratio = median(ours.map(({ rate }, index) => rate / (theirs[index]?.rate ?? rate)))
  const cost = median(ours.map(({ cpu }, index) => cpu / (theirs[index]?.cpu ?? cpu)))
  return [
    ...lines,
    `inbound: Postfix + rspamd + clamd: ${line(theirs)}: ${theirs.at(-1)?.outcome ?? ''}`,
    `inbound: ${ratio.toFixed(2)} x its rate ${ratio > 1 ? 'ok' : 'BELOW'}, ${cost.toFixed(2)} x its CPU ${cost < 1 ? 'ok' : 'ABOVE'} (${ELSEWHERE})`,
  ]
}

const usedBy = (pipeline: Pipeline): number => pipeline.pids().reduce((sum, pid) => sum + cpuOf(pid), 0)

/** Connections opened, code and patterns compiled; what is done about that in the background is waited for. */
const warm = async (pipeline: Pipeline, sender: Sender, mails: number): Promise<void> => {
  await send(pipeline, sender, Math.min(mails, 300))
  await settled(() => usedBy(pipeline))
}

const measure = async (pipeline: Pipeline, sender: Sender, mails: number, clamd: number): Promise<Measured> => {
  const [before, clamdBefore, had] = [usedBy(pipeline), cpuOf(clamd), pipeline.done()]
  const began = performance.now()
  await send(pipeline, sender, mails)
  const milliseconds = performance.now() - began
  if (pipeline.done() - had < mails) throw new Error(`${pipeline.name}: ${pipeline.done() - had} of ${mails} arrived`)
  await settled(() => usedBy(pipeline))
  const clamdUsed = cpuOf(clamd) - clamdBefore
  return {
    rate: (mails / milliseconds) * 1_000,
    cpu: (usedBy(pipeline) - before + clamdUsed) / mails,
    clamd: clamdUsed / mails,
    peak: pipeline.pids().reduce((sum, pid) => sum + memoryOf(pid, 'peak'), 0),
    outcome: pipeline.outcome(),
  }
}

const send = async (pipeline: Pipeline, sender: Sender, mails: number): Promise<void> => {
  const had = pipeline.done()
  const { accepted, refused } = await sender.send({
    port: pipeline.port,
    mails,
    connections: CONNECTIONS,
    perConnection: 100,
    recipient: 'ann@mailkeep.test',
  })
  if (accepted < mails) throw new Error(`${pipeline.name}: not all accepted: ${JSON.stringify(refused)}`)
  const deadline = performance.now() + DONE_WITHIN_MS
  while (pipeline.done() - had < mails) {
    if (performance.now() > deadline) throw new Error(`${pipeline.name}: ${pipeline.done() - had} of ${mails} in time`)
    await new Promise((wake) => setTimeout(wake, 25))
  }
}

const startOurs = async (folder: string, { clamd, dns }: PipelineSettings): Promise<Pipeline> => {
  const server = await startMailkeep(folder, {
    MAILKEEP_ANTIVIRUS_ENGINE: 'clamd',
    MAILKEEP_CLAMD_ADDRESS: clamd,
    MAILKEEP_DNS_SERVERS: dns,
  })
  const maildir = join(server.data, 'mailboxes/mailkeep.test/ann/new')
  const log = new DatabaseSync(join(server.data, 'log/events.db'), { readOnly: true })
  const ends = log.prepare(
    `SELECT kinds.type, count(*) AS many FROM events JOIN kinds ON kinds.id = events.kind
     WHERE events.position > ? AND kinds.type IN ('Delivered', 'Quarantined') GROUP BY kinds.type`,
  )
  const head = log.prepare('SELECT max(position) AS head FROM events')
  const count = { Delivered: 0, Quarantined: 0 }
  let seen = 0
  const look = (): void => {
    log.exec('BEGIN')
    for (const { type, many } of ends.all(seen)) {
      if (type === 'Delivered' || type === 'Quarantined') count[type] += Number(many)
    }
    seen = Number(head.get()?.['head'] ?? 0)
    log.exec('COMMIT')
  }
  return {
    name: 'Mailkeep',
    port: server.port,
    pids: () => [server.pid],
    done: () => {
      look()
      return count.Delivered + count.Quarantined
    },
    outcome: () => {
      const files = readdirSync(maildir).length
      if (files !== count.Delivered) throw new Error(`${count.Delivered} delivered, ${files} in the Maildir`)
      return `${count.Delivered} delivered, ${count.Quarantined} quarantined`
    },
    stop: async () => {
      log.close()
      await server.stop()
    },
  }
}

/** Writes mails of the training part, dot-stuffed and with their end, ready for DATA; answers how many. */
const prepareMails = (folder: string, wanted: number): number => {
  const archive = join(DATA, 'mail-corpus/corpus.tar.zst')
  if (!existsSync(archive)) throw new Error(`${archive} is not there (MAILKEEP_TEST_DATA names the folder)`)
  const unpacked = `${folder}-unpacked`
  for (const made of [folder, unpacked]) mkdirSync(made, { recursive: true })
  execFileSync('tar', ['--zstd', '-xf', archive, '-C', unpacked])
  const chosen = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({
      path: join(entry.parentPath, entry.name),
      key: createHash('sha256').update(entry.name).digest('hex'),
    }))
    .filter(({ key }) => key > '4')
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
  let written = 0
  for (const { path, key } of chosen) {
    if (written === wanted) break
    const text = readFileSync(path, 'latin1')
    // What a listener refuses for its form is no mail for this.
    if (/\r(?!\n)|(?<!\r)\n/.test(text)) continue
    const stuffed = text.replaceAll(/^\./gm, '..')
    writeFileSync(join(folder, key), `${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1')
    written += 1
  }
  return written
}
