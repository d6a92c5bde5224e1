import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '#test/real/daemon'
import { signIn } from '#test/dsl/http-client'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { cpuOf, familyOf, median, say, settled } from './measure.ts'
import { startPostfixOut, type Relaying } from './peers/postfix-out.ts'
import { startSink, type Sink } from './peers/sink.ts'
import { startSender, type Round, type Sender } from './sender.ts'
import { startMailkeep, startProgram } from './server.ts'

/**
 * `npm run bench -- relay`: 5,000 mails of 4 kB submitted on 20 connections and delivered to smtp-sink over loopback, from the first submission to
 * the last arrival, everything durable in between. The peers of the same run are Haraka's outbound queue and Postfix, which take the same mails in
 * plain and without AUTH and scan nothing; ours come in TLS with AUTH and are scanned. `--signed`: ours sign with RSA and Ed25519 besides.
 */
const CONNECTIONS = 20
const SIZE = 4_096
const TO = 'x@remote.test'
const PASSWORD = 'correct-horse-battery'
const TARGETS: Readonly<Record<string, number>> = { Haraka: 1.5, Postfix: 1 }
const DONE_WITHIN_MS = 300_000
const HARAKA = join(import.meta.dirname, 'peers/haraka')

interface Measured {
  readonly rate: number
  /** Milliseconds of processor per mail. */
  readonly cpu: number
}

type Contestant = Relaying & Pick<Round, 'login'>

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mails: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '3' },
      peers: { type: 'string', default: 'Haraka,Postfix' },
      signed: { type: 'boolean', default: false },
      dir: { type: 'string', default: tmpdir() },
    },
  })
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
    await start(startOurs(folder, { dns: dns.address, sink: sink.port, domain, signed: values.signed }))
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

const measure = async (contestant: Contestant, sender: Sender, sink: Sink, mails: number): Promise<Measured> => {
  const { name, port, pids, login } = contestant
  const used = (): number => pids().reduce((sum, pid) => sum + cpuOf(pid), 0)
  const [before, had, began] = [used(), sink.mails(), performance.now()]
  const { accepted, refused } = await sender.send({
    port,
    mails,
    connections: CONNECTIONS,
    perConnection: 500,
    recipient: TO,
    ...(login === undefined ? {} : { login }),
  })
  if (accepted < mails) throw new Error(`${name}: ${accepted} of ${mails} accepted: ${JSON.stringify(refused)}`)
  const deadline = performance.now() + DONE_WITHIN_MS
  while (sink.mails() - had < mails) {
    if (performance.now() > deadline) throw new Error(`${name}: ${sink.mails() - had} of ${mails} arrived in time`)
    await sleep(10)
  }
  const milliseconds = performance.now() - began
  // What is recorded after the arrivals belongs to the mails too.
  await settled(used)
  return { rate: (mails / milliseconds) * 1_000, cpu: (used() - before) / mails }
}

/** `signed`: a demo, which signs at once; else a domain whose keys wait for their records. */
const startOurs = async (
  folder: string,
  { dns, sink, domain, signed }: { dns: string; sink: number; domain: string; signed: boolean },
): Promise<Contestant> => {
  const user = `ann@${domain}`
  const [http, port] = [await freePort(), await freePort()]
  const server = await startMailkeep(join(folder, 'ours'), {
    MAILKEEP_HTTP_PORT: String(http),
    MAILKEEP_SUBMISSIONS_PORT: String(port),
    MAILKEEP_DNS_SERVERS: dns,
    MAILKEEP_RELAY_PORT: String(sink),
    MAILKEEP_ADMIN_PASSWORD: PASSWORD,
    MAILKEEP_DEMO_PASSWORD: PASSWORD,
    ...(signed ? {} : { MAILKEEP_DOMAIN: domain }),
  })
  const admin = await signIn(http, `admin@${domain}`, PASSWORD)
  const said = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await admin.ask(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  const plenty = { connections: 100_000, mails: 1_000_000, recipients: 1_000_000 }
  await said('PUT', '/policies/submission', { document: { perMinute: plenty, perMinuteAndAddress: plenty } })
  await said('PUT', '/policies/relay', { document: { privateTargets: 'allow', mtaSts: 'off', dane: 'off' } })
  await said('PUT', '/policies/accounts', {
    document: { quota: { mailsPerDay: 1_000_000, recipientsPerDay: 1_000_000 } },
  })
  if (!signed) await said('POST', '/accounts', { address: user, displayName: 'Ann', password: PASSWORD })
  return {
    name: 'Mailkeep',
    port,
    login: { user, password: PASSWORD },
    pids: () => [server.pid],
    stop: () => server.stop(),
  }
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
