import { createHash } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { once } from 'node:events'
import type { Foundation } from './foundation.ts'
import { OperationRefused, operations } from './operations.ts'

/** A unix socket's path has 107 bytes at most. */
const LONGEST_PATH = 100
const MAX_BODY = 1024 * 1024

/** Where the server of this data folder listens for its operator. The folder's permissions are the right to use it. */
export const operatorSocketPath = (data: string): string => {
  const path = join(resolve(data), 'operator.sock')
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  return join(tmpdir(), `mailkeep-${createHash('sha256').update(path).digest('hex').slice(0, 20)}`, 'operator.sock')
}

export interface OperatorSocket {
  close(): Promise<void>
}

/** Answers the command line: `POST /<operation>` with JSON arguments, JSON back. Whoever may open the socket is the operator. */
export const listenForOperator = async (foundation: Foundation): Promise<OperatorSocket> => {
  const path = operatorSocketPath(foundation.config.data)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // The log's lock says that no other server runs here: what lies there is left over.
  await rm(path, { force: true })
  const server = createServer((request, response) => void answer(foundation, request, response))
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o600)
  return { close: () => closed(server) }
}

const closed = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })

const answer = async (foundation: Foundation, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify(body)}\n`)
  }
  try {
    const name = (request.url ?? '/').slice(1)
    if (request.method !== 'POST' || !Object.hasOwn(operations, name))
      return reply(404, { error: `there is no operation ${name}` })
    reply(200, { result: await operations[name]!(foundation, await readJson(request)) })
  } catch (error) {
    if (error instanceof OperationRefused) return reply(409, { error: error.message })
    foundation.logger.error({ err: error, operation: request.url }, 'an operation failed')
    reply(500, { error: error instanceof Error ? error.message : String(error) })
  }
}

const readJson = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new OperationRefused('the arguments are too large')
    chunks.push(chunk)
  }
  const parsed: unknown = size === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new OperationRefused('arguments are a JSON object')
  return parsed as Readonly<Record<string, unknown>>
}
