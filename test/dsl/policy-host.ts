import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** `hang`: nothing. */
export type PolicyAnswer = { status?: number; headers?: Record<string, string>; body?: string | Buffer } | 'hang'

/** A host of MTA-STS policies on loopback, by HTTPS. Closed when the test is over. */
export interface PolicyHost {
  readonly port: number
  /** What is answered from now on. */
  answer: PolicyAnswer
  /** By the name asked for, `mta-sts.a.test`, where that is another one. */
  readonly answers: Map<string, PolicyAnswer>
  /** What was asked, in order: `mta-sts.a.test /.well-known/mta-sts.txt`. */
  readonly asked: readonly string[]
}

export const policyHost = async (
  tls: { readonly cert: string; readonly key: string },
  body = '',
): Promise<PolicyHost> => {
  const asked: string[] = []
  const server = createServer(tls, (request, response) => {
    const name = request.headers.host?.replace(/:\d+$/, '') ?? ''
    asked.push(`${name} ${request.url}`)
    const answer = host.answers.get(name) ?? host.answer
    if (answer === 'hang') return
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/plain', ...answer.headers })
    response.end(answer.body ?? '')
  })
  // A client that does not like the certificate ends the connection: nothing to see here.
  server.on('tlsClientError', (_, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  const host: PolicyHost = { port, answer: { body }, answers: new Map(), asked }
  return host
}

/** The text of a policy. */
export const stsPolicyText = (mode: string, mx: readonly string[], maxAge = 604_800): string =>
  ['version: STSv1', `mode: ${mode}`, ...mx.map((pattern) => `mx: ${pattern}`), `max_age: ${maxAge}`, ''].join('\r\n')
