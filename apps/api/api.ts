import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { errorCodes } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiModule } from './api.module.ts'
import { HealthModule } from './health/health.module.ts'
import type { ApiParts } from './parts.ts'
import { frameworkProblem, writeProblem } from './route/problem-filter.ts'
import { secure } from './security-headers.ts'

const MAX_BODY = 1024 * 1024
const MAX_PARAMETER = 1_000

/** The running API. */
export interface Api {
  readonly app: NestFastifyApplication
  /** Port 0: any free one; answers which. */
  listen(port: number, host: string): Promise<number>
  /** Takes no new request, finishes those in flight. */
  close(): Promise<void>
}

export interface ApiOptions {
  /** What is served: everything, or, where this process has not the role `api`, /health/* and /metrics alone. */
  readonly only?: 'health'
}

/** Everything is ready but the socket: specs send requests with `app.inject`. */
export async function createApi(parts: ApiParts, { only }: ApiOptions = {}): Promise<Api> {
  const adapter = new FastifyAdapter({
    trustProxy: parts.trustedProxies.length === 0 ? false : [...parts.trustedProxies],
    bodyLimit: MAX_BODY,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    genReqId: () => randomUUID(),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      secure(request, reply)
      writeProblem(frameworkProblem(error), request, reply)
    },
    routerOptions: { maxParamLength: MAX_PARAMETER },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
  })
  const fastify = adapter.getInstance()
  acceptJsonOnly(fastify)
  acceptFormsOf(fastify, '/links/')
  fastify.addHook('onRequest', (request, reply, next) => {
    secure(request, reply)
    next()
  })
  const apiModule = only === 'health' ? HealthModule.over(parts) : ApiModule.over(parts)
  const app = await NestFactory.create<NestFastifyApplication>(apiModule, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  })
  await app.init()
  await fastify.ready()
  return {
    app,
    async listen(port, host) {
      await app.listen(port, host)
      return (app.getHttpServer().address() as AddressInfo).port
    },
    close: () => app.close(),
  }
}

type Fastify = FastifyInstance

/** An empty body is none, whatever its type says; anything but JSON is refused. */
function acceptJsonOnly(fastify: Fastify): void {
  const parse = fastify.getDefaultJsonParser('error', 'error')
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, body: string | Buffer, done: (error: FastifyError | null, value?: unknown) => void) => {
      const text = String(body)
      if (text.trim() === '') done(null)
      else void parse(request, text, done as never)
    },
  )
}

/** The pages behind links have no script, so their forms come as forms do; a form for anything else is refused as before. */
function acceptFormsOf(fastify: Fastify, pages: string): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4_096 },
    (request: FastifyRequest, body: string | Buffer, done: (error: FastifyError | null, value?: unknown) => void) => {
      if (request.url.startsWith(pages)) done(null, Object.fromEntries(new URLSearchParams(String(body))))
      else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE('application/x-www-form-urlencoded'))
    },
  )
}
