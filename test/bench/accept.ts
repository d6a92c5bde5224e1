import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { acceptMemory } from './accept-memory.ts'
import { cpuOf, familyOf, median, say, settled } from './measure.ts'
import { startSender, type Sender } from './sender.ts'
import { startMailkeep, startProgram, type BenchServer } from './server.ts'

/**
 * `npm run bench -- accept`: mails of 4 kB from 20 senders, into a process with the role `mx` only, against (a) bare smtp-server with
 * one group-committed insert, (b) Haraka with a queue file that is fsynced. Every server has a process of its own, so has the load;
 * rounds take turns between the three, each ratio is that of neighbours in one round, and the median of these is told.
 */
const SENDERS = 20
const SIZE = 4_096
const PEERS = join(import.meta.dirname, 'peers')

interface Kind {
  readonly name: string
  readonly perConnection: number
  readonly mails: number
  readonly against: readonly { readonly peer: 'floor' | 'haraka'; readonly target: number }[]
}

const KINDS: readonly Kind[] = [
  {
    name: '20 persistent connections',
    perConnection: 500,
    mails: 6_000,
    against: [
      { peer: 'floor', target: 0.5 },
      { peer: 'haraka', target: 1.5 },
    ],
  },
  { name: 'a connection per mail', perConnection: 1, mails: 3_000, against: [{ peer: 'haraka', target: 1 }] },
]

interface Measured {
  /** Mails per second. */
  readonly rate: number
  /** Milliseconds of the server's processor per mail. */
  readonly cpu: number
}

export const run = async (args: readonly string[]): Promise<string[]> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      dir: { type: 'string', default: tmpdir() },
      only: { type: 'string', default: 'rates,memory' },
    },
  })
  const folder = await mkdtemp(join(values.dir, 'mailkeep-accept-'))
  const only = values.only.split(',')
  try {
    return [
      ...(only.includes('rates') ? await rates(folder, Number(values.rounds)) : []),
      ...(only.includes('memory') ? await acceptMemory(join(folder, 'memory')) : []),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Start = (folder: string) => Promise<BenchServer>

const STARTS: Readonly<Record<string, Start>> = {
  ours: (folder) => startMailkeep(folder, { MAILKEEP_ROLES: 'mx' }),
  floor: async (folder) => {
    await mkdir(folder)
    return startProgram(join(PEERS, 'floor/server.ts'), [join(folder, 'mails.db')])
  },
  haraka: (folder) => startProgram(join(PEERS, 'haraka/start.cjs'), [folder]),
}

const rates = async (folder: string, rounds: number): Promise<string[]> => {
  installHaraka()
  const sender = await startSender(SIZE)
  try {
    const lines: string[] = []
    for (const kind of KINDS) lines.push(await compare(kind, folder, sender, rounds))
    return lines
  } finally {
    sender.stop()
  }
}

const compare = async (kind: Kind, folder: string, sender: Sender, rounds: number): Promise<string> => {
  const names = ['ours', ...kind.against.map(({ peer }) => peer)]
  const measured = new Map<string, Measured[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    // Who begins changes from round to round.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      say(`${kind.name}, round ${round + 1} of ${rounds}: ${name}`)
      const place = join(folder, `${kind.perConnection}-${round}-${name}`)
      // Anew each time: nobody inspects here, and the listener takes no more than its backlog.
      const server = await STARTS[name]!(place)
      try {
        await send({ ...kind, mails: Math.ceil(kind.mails / 4) }, server, sender)
        measured.get(name)?.push(await send(kind, server, sender))
      } finally {
        await server.stop()
        await rm(place, { recursive: true, force: true })
      }
    }
  }
  say('')
  const of = (name: string, what: keyof Measured): number[] => (measured.get(name) ?? []).map((one) => one[what])
  const told = (name: string): string =>
    `${Math.round(median(of(name, 'rate')))}/s at ${median(of(name, 'cpu')).toFixed(2)} ms CPU`
  const ratios = kind.against.map(({ peer, target }) => {
    const theirs = of(peer, 'rate')
    const ratio = median(of('ours', 'rate').map((rate, index) => rate / (theirs[index] ?? rate)))
    return `${ratio.toFixed(2)} x ${peer} (${told(peer)}; target ${target}) ${ratio >= target ? 'ok' : 'BELOW'}`
  })
  return `accept, ${kind.name}: ${told('ours')}, ${ratios.join(', ')}`
}

const send = async ({ mails, perConnection }: Kind, server: BenchServer, sender: Sender): Promise<Measured> => {
  const pids = familyOf(server.pid)
  const used = (): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0)
  const before = used()
  const { milliseconds, accepted, refused } = await sender.send({
    port: server.port,
    mails,
    perConnection,
    connections: SENDERS,
    recipient: 'ann@mailkeep.test',
  })
  if (accepted !== mails) throw new Error(`${accepted} of ${mails} accepted: ${JSON.stringify(refused)}`)
  // What is done after the answers belongs to the mails too.
  await settled(used)
  return { rate: (mails / milliseconds) * 1_000, cpu: (used() - before) / mails }
}

const installHaraka = (): void => {
  const folder = join(PEERS, 'haraka')
  if (existsSync(join(folder, 'node_modules/Haraka'))) return
  say('installing Haraka')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--omit=optional'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
