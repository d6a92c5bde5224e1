import { once } from 'node:events'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Foundation } from './foundation.ts'
import { carryOut, isOperation } from './operations/carry-out.ts'
import { OperationRefused, type Listening, type Progress } from './operations/operation.ts'
import { isTrusted, operatorSocketPath } from './operator-socket-path.ts'

const MAX_BODY = 1024 * 1024
const PROGRESS_EVERY_MS = 100

/** The body of `POST /<operation>`. */
const operatorRequest = z.strictObject({
  given: z.unknown(),
  operator: z.string().min(1).max(100),
  requestId: z.uuid(),
})
export type OperatorRequest = z.output<typeof operatorRequest>

/** The answer is one of these a line: any number of progress lines, then the result or what went wrong. */
export type OperatorLine =
  | { readonly progress: Progress }
  | { readonly result: unknown }
  | { readonly error: { readonly message: string; readonly kind: 'usage' | 'failed'; readonly instead: string | null } }

export interface OperatorSocket {
  close(): Promise<void>
}

/** Answers the command line. Whoever may open the socket is the operator. `listening`: what listens where, as of the call. */
export const listenForOperator = async (
  foundation: Foundation,
  listening: () => readonly Listening[] = () => [],
): Promise<OperatorSocket> => {
  const path = operatorSocketPath(foundation.config.data)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  if (!isTrusted(path, foundation.config.data)) throw new Error(`${dirname(path)} belongs to somebody else: remove it`)
  // The log's lock says that no other server runs here: what lies there is left over.
  await rm(path, { force: true })
  const server = createServer((request, response) => void answer(foundation, listening, request, response))
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

const answer = async (
  foundation: Foundation,
  listening: () => readonly Listening[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const say = (line: OperatorLine) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(`${JSON.stringify(line)}\n`)
  }
  const name = (request.url ?? '/').slice(1)
  try {
    if (request.method !== 'POST' || !isOperation(name))
      throw new OperationRefused(`the server has no operation ${name.slice(0, 100)}: is it of the same version?`)
    const { given, operator, requestId } = await readRequest(request)
    let last = 0
    const progress = (made: Progress) => {
      const now = performance.now()
      if (now - last < PROGRESS_EVERY_MS && made.done !== made.total) return
      last = now
      say({ progress: made })
    }
    const circumstances = { operator, requestId, progress, server: { listening } }
    say({ result: await carryOut(foundation, name, given, circumstances) })
  } catch (error) {
    if (error instanceof OperationRefused) {
      const { message, kind, instead } = error
      say({ error: { message, kind, instead } })
    } else {
      foundation.logger.error({ err: error, operation: name }, 'an operation failed')
      const message = error instanceof Error ? error.message : String(error)
      say({ error: { message, kind: 'failed', instead: null } })
    }
  }
  response.end()
}

const readRequest = async (request: IncomingMessage): Promise<OperatorRequest> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new OperationRefused('the arguments are too large', { kind: 'usage' })
    chunks.push(chunk)
  }
  const parsed = operatorRequest.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  if (!parsed.success) throw new OperationRefused('the request is not one of this version')
  return parsed.data
}
