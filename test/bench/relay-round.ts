import { setTimeout as sleep } from 'node:timers/promises'
import { cpuOf, settled } from './measure.ts'
import type { Relaying } from './peers/postfix-out.ts'
import type { Sink } from './peers/sink.ts'
import type { Round, Sender } from './sender.ts'

const CONNECTIONS = 20
const TO = 'x@remote.test'
const DONE_WITHIN_MS = 300_000

export interface Measured {
  /** Mails per second. */
  readonly rate: number
  /** Milliseconds of processor per mail. */
  readonly cpu: number
}

export type Contestant = Relaying & Pick<Round, 'login'>

/** From the first submission to the last arrival. */
export const measure = async (contestant: Contestant, sender: Sender, sink: Sink, mails: number): Promise<Measured> => {
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
