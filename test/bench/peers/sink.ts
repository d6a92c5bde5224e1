import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, freePort, install } from '#test/real/daemon'
import { listens } from './listens.ts'

/** Postfix's smtp-sink: takes every mail and throws it away. */
export interface Sink {
  readonly port: number
  /** Mails that came to their final dot so far. */
  mails(): number
  stop(): Promise<void>
}

const BACKLOG = 512

export const startSink = async (): Promise<Sink> => {
  install('postfix')
  const port = await freePort()
  const words = ['smtp-sink', '-c', '-h', 'sink.remote.test', `127.0.0.1:${port}`, String(BACKLOG)]
  const unprivileged =
    process.getuid?.() === 0 ? ['setpriv', '--reuid=mkreal', '--regid=mkreal', '--clear-groups', ...words] : words
  const child = spawn(unprivileged[0]!, unprivileged.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => (told = (told + chunk.toString('latin1')).slice(-200)))
  const deadline = performance.now() + 10_000
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('smtp-sink did not start')
    await sleep(50)
  }
  return {
    port,
    mails: () => Number([...told.matchAll(/mesg=(\d+)/g)].at(-1)?.[1] ?? 0),
    stop: () => end(child, 'SIGTERM'),
  }
}
