import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import type { GivenOf, OperationName, ResultOf } from '#apps/mailkeep/operations'
import type { Progress } from '#apps/mailkeep/operations/operation'
import type { OperatorLine, OperatorRequest } from '#apps/mailkeep/operator-socket'
import { isTrusted, operatorSocketPath } from '#apps/mailkeep/operator-socket-path'
import type { Config } from '#infra/config/load'
import { LogUnavailable } from '#infra/event-log/port'
import { createLogger } from '#infra/observability/logger'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'
import { Problem } from './problem.ts'

/** Whoever carries out what the operator asks: the running server, or this process with the data open. */
export interface Operator {
  readonly serverRuns: boolean
  ask<Name extends OperationName>(
    name: Name,
    given: GivenOf<Name>,
    progress?: (progress: Progress) => void,
  ): Promise<ResultOf<Name>>
  close(): Promise<void>
}

/** The server of this data folder when it runs; else opens the data, without listeners and reactions. */
export const openOperator = async (config: Config, io: Io): Promise<Operator> =>
  (await runningServer(config)) ?? alone(config, io)

/** null: none runs. */
export const runningServer = async ({ data }: Config): Promise<Operator | null> => {
  const path = operatorSocketPath(data)
  const state = await knock(path)
  if (state === 'nobody') return null
  if (!isTrusted(path, data)) throw new Problem(`${path} was not made by the server of ${data}: it is not used.`)
  if (state === 'forbidden')
    throw new Problem(`You may not use ${path}: it belongs to the user that the server runs as.`, {
      instead: 'sudo -u <that user> mailkeep ...',
    })
  return {
    serverRuns: true,
    ask: (name, given, progress) => askServer(path, name, given, progress) as Promise<never>,
    close: () => Promise.resolve(),
  }
}

const alone = async (config: Config, io: Io): Promise<Operator> => {
  const { dataFolders, openFoundation } = await import('#apps/mailkeep/foundation')
  const { carryOut } = await import('#apps/mailkeep/operations/carry-out')
  const { OperationRefused } = await import('#apps/mailkeep/operations/operation')
  if (config.log.engine === 'sqlite' && !existsSync(dataFolders(config.data).events))
    throw new Problem(`There is no Mailkeep in ${config.data}: nothing was ever started there.`, {
      instead: 'mailkeep serve   (or MAILKEEP_DATA=<folder> mailkeep ...)',
    })
  const logger = createLogger({
    level: 'warn',
    human: false,
    to: { write: (line) => void io.stderr.write(warningOf(line)) },
  })
  try {
    const foundation = await openFoundation({ config, logger })
    return {
      serverRuns: false,
      async ask(name, given, progress = () => undefined) {
        const circumstances = { operator: loginName(), requestId: randomUUID(), progress, server: null }
        try {
          return (await carryOut(foundation, name, given, circumstances)) as never
        } catch (error) {
          if (!(error instanceof OperationRefused)) throw error
          throw new Problem(error.message, { exitCode: codeOf(error.kind), instead: error.instead })
        }
      },
      close: () => foundation.close(),
    }
  } catch (error) {
    if (error instanceof LogUnavailable && error.why === 'locked') throw unreachable(config, error)
    throw error
  }
}

/** A line of the log as a sentence: what goes wrong in the background while the data is open here. */
const warningOf = (line: string): string => {
  const { msg, err, reason, view } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const why = typeof reason === 'string' ? reason : (err as { message?: string } | undefined)?.message
  const about = typeof view === 'string' ? `${view}: ` : ''
  return `mailkeep: ${printable(`${about}${String(msg)}${why === undefined ? '' : ` (${why})`}`)}\n`
}

/** A server has the data, but nobody answers. */
const unreachable = (config: Config, { message }: LogUnavailable): Problem => {
  const holder = /process \d+/.exec(message)?.[0] ?? 'another process'
  return new Problem(
    `The data in ${config.data} is in use by ${holder}, which does not answer at ${operatorSocketPath(config.data)}. If it is just starting or stopping, try again in a moment; else restart it.`,
    { instead: 'mailkeep doctor' },
  )
}

const codeOf = (kind: 'usage' | 'failed') => (kind === 'usage' ? exitCodes.usage : exitCodes.failed)

const loginName = (): string => {
  try {
    return userInfo().username
  } catch (error) {
    // A container may run as a user that has no name.
    if (error instanceof Error) return `uid ${process.getuid?.() ?? 'unknown'}`
    throw error
  }
}

const knock = (path: string): Promise<'answers' | 'nobody' | 'forbidden'> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('answers')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK') resolve('nobody')
      else if (error.code === 'EACCES' || error.code === 'EPERM') resolve('forbidden')
      else reject(error)
    })
  })

const askServer = async (
  path: string,
  name: string,
  given: unknown,
  progress: (progress: Progress) => void = () => undefined,
): Promise<unknown> => {
  const body = { given, operator: loginName(), requestId: randomUUID() } satisfies OperatorRequest
  const response = await post(path, `/${name}`, JSON.stringify(body))
  for await (const text of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = JSON.parse(text) as OperatorLine
    if ('result' in line) return line.result
    if ('progress' in line) progress(line.progress)
    else {
      const { message, kind, instead } = line.error
      throw new Problem(message, { exitCode: codeOf(kind), instead })
    }
  }
  throw new Problem('The server went away before it answered; whether it did what was asked is not known.', {
    instead: 'mailkeep doctor',
  })
}

const post = (socketPath: string, path: string, body: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request({ socketPath, path, method: 'POST', headers, agent: false }, resolve)
    sent.once('error', reject)
    sent.end(body)
  })
