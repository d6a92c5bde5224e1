import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { conversation } from '#test/dsl/smtp/conversation'
import { startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'

/** One line of strace: when, and what. */
interface Call {
  readonly at: number
  readonly text: string
}

const calls = async (folder: string): Promise<Call[]> => {
  const found: Call[] = []
  for (const name of (await readdir(folder)).filter((one) => one.startsWith('trace.')))
    for (const line of (await readFile(join(folder, name), 'latin1')).split('\n')) {
      const match = /^(\d+\.\d+) (.*)$/.exec(line)
      if (match) found.push({ at: Number(match[1]), text: match[2]! })
    }
  return found.toSorted((one, other) => one.at - other.at)
}

it('writes and syncs the content, then writes and syncs the event, then says 250', async () => {
  execFileSync(join(import.meta.dirname, '../real/install.sh'), ['strace'])
  const folder = await temporaryFolder()
  const traces = await temporaryFolder()
  const server = await startServer(folder, {}, [
    'strace',
    '-D',
    '-ff',
    '-ttt',
    '-y',
    '-s',
    '200',
    '-e',
    'trace=write,writev,pwrite64,pwritev,fsync,fdatasync,sendto,sendmsg',
    '-o',
    join(traces, 'trace'),
  ])
  await conversation(
    server.mx,
    `
    <- 220
    -> EHLO strace.test
    <- 250
    -> MAIL FROM:<a@outside.test>
    <- 250
    -> RCPT TO:<ann@mailkeep.test>
    <- 250
    -> DATA
    <- 354
    -> Subject: durable
    -> 
    -> needle-in-the-haystack
    -> .
    <- 250 2.0.0 Ok:
    -> QUIT
    <- 221
    `,
  )
  await server.stop()

  const seen = await calls(traces)
  const index = (what: RegExp, from = 0): number => {
    const at = seen.findIndex(({ text }, position) => position >= from && what.test(text))
    if (at === -1) throw new Error(`not seen: ${String(what)}`)
    return at
  }
  const go = index(/354 /)
  const contentWritten = index(/^p?write[v64]*\(\d+<[^>]*\/content\/[^>]*>/, go)
  const contentSynced = index(/^f(data)?sync\(\d+<[^>]*\/content\/[^>]*>/, contentWritten)
  const eventWritten = index(/^p?write[v64]*\(\d+<[^>]*\/log\/[^>]*>/, contentSynced)
  const eventSynced = index(/^f(data)?sync\(\d+<[^>]*\/log\/[^>]*>/, eventWritten)
  const acknowledged = index(/250 2\.0\.0 Ok: /, go)
  expect(acknowledged).toBeGreaterThan(eventSynced)
})
