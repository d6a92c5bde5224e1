import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { familyOf, median, say } from './measure.ts'
import { measure, type Contestant, type Measured } from './relay-round.ts'
import { startPostfixOut } from './peers/postfix-out.ts'
import { startSink } from './peers/sink.ts'
import { startSender } from './sender.ts'
import { configure, startOurs } from './relay-ours.ts'
import { relayQueue } from './relay-queue.ts'
import { startProgram } from './server.ts'

/**
 * `npm run bench -- relay`: 5,000 mails of 4 kB submitted on 20 connections and delivered to smtp-sink over loopback, from the first submission to
 * the last arrival, everything durable in between. The peers of the same run are Haraka's outbound queue and Postfix, which take the same mails in
 * plain and without AUTH and scan nothing; ours come in TLS with AUTH and are scanned. `--signed`: ours sign with RSA and Ed25519 besides.
 */
const SIZE = 4_096
const TARGETS: Readonly<Record<string, number>> = { Haraka: 1.5, Postfix: 1 }
const HARAKA = join(import.meta.dirname, 'peers/haraka')

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mails: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '3' },
      peers: { type: 'string', default: 'Haraka,Postfix' },
      signed: { type: 'boolean', default: false },
      only: { type: 'string', default: 'rates,queue' },
      waiting: { type: 'string', default: '100000' },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const only = values.only.split(',')
  return [
    ...(only.includes('rates') ? await rates(values) : []),
    ...(only.includes('queue') ? await relayQueue(values.dir, Number(values.waiting)) : []),
  ]
}

interface Asked {
  readonly mails: string
  readonly rounds: string
  readonly peers: string
  readonly signed: boolean
  readonly dir: string
}

const rates = async (values: Asked): Promise<string[]> => {
  const [mails, rounds] = [Number(values.mails), Number(values.rounds)]
  const folder = await mkdtemp(join(values.dir, 'mailkeep-relay-'))
  const sink = await startSink()
  const dns = await dnsServer(
    scriptedDns({
      'remote.test': { MX: [{ priority: 10, exchange: 'mx1.remote.test' }] },
      'mx1.remote.test': { A: ['127.0.0.1'] },
    }),
  )
  const domain = values.signed ? 'mailkeep.test' : 'bench.test'
  const sender = await startSender(SIZE, `ann@${domain}`)
  const all: { contestant: Contestant; measured: Measured[] }[] = []
  try {
    const peers = values.peers.split(',')
    const start = async (contestant: Promise<Contestant>): Promise<void> =>
      void all.push({ contestant: await contestant, measured: [] })
    await start(ours(join(folder, 'ours'), { dns: dns.address, sink: sink.port, domain, demo: values.signed }))
    if (peers.includes('Haraka')) await start(startHaraka(join(folder, 'haraka'), sink.port))
    if (peers.includes('Postfix')) await start(startPostfixOut(sink.port))
    for (const { contestant } of all) {
      say(`warming up: ${contestant.name}`)
      await measure(contestant, sender, sink, Math.ceil(mails / 4))
    }
    for (let round = 0; round < rounds; round++)
      for (const { contestant, measured } of round % 2 === 0 ? all : all.toReversed()) {
        say(`round ${round + 1} of ${rounds}: ${contestant.name}`)
        measured.push(await measure(contestant, sender, sink, mails))
      }
  } finally {
    sender.stop()
    for (const { contestant } of all) await contestant.stop()
    dns.close()
    await sink.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  say('')
  return told(all, mails, values.signed)
}

const told = (
  [ours, ...theirs]: readonly { readonly contestant: Contestant; readonly measured: readonly Measured[] }[],
  mails: number,
  signed: boolean,
): string[] => {
  const line = (measured: readonly Measured[]): string =>
    `${median(measured.map(({ rate }) => rate)).toFixed(0)} mails/s at ${median(measured.map(({ cpu }) => cpu)).toFixed(2)} CPU-s per 1,000`
  const mine = ours?.measured ?? []
  return [
    `relay: ${line(mine)}, ${mails} mails of ${SIZE} octets in TLS, scanned${signed ? ', signed twice' : ''}`,
    ...theirs.map(({ contestant: { name }, measured }) => {
      const ratio = median(mine.map(({ rate }, round) => rate / (measured[round]?.rate ?? rate)))
      const target = TARGETS[name] ?? 1
      return `relay: ${ratio.toFixed(2)} x ${name} (${line(measured)}), target ${target} ${ratio >= target ? 'ok' : 'BELOW'}`
    }),
  ]
}

const ours = async (folder: string, options: Parameters<typeof startOurs>[1]): Promise<Contestant> => {
  const started = await startOurs(folder, options)
  await configure(started, options)
  return started
}

const startHaraka = async (folder: string, sink: number): Promise<Contestant> => {
  if (!existsSync(join(HARAKA, 'node_modules/Haraka'))) {
    say('installing Haraka')
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--omit=optional'], {
      cwd: HARAKA,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  const server = await startProgram(join(HARAKA, 'start.cjs'), [folder], {
    BENCH_PLUGINS: 'relay_out',
    BENCH_SINK: String(sink),
    BENCH_CONFIG: JSON.stringify({ 'outbound.ini': 'enable_tls=false\nlocal_mx_ok=true\n' }),
  })
  return { name: 'Haraka', port: server.port, pids: () => familyOf(server.pid), stop: () => server.stop() }
}
