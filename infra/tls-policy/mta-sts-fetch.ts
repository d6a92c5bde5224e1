import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { DnsResolver } from '#infra/dns/port'
import { BadStsPolicy, parseStsPolicy, type StsPolicy } from './mta-sts-policy.ts'

export interface FetchOptions {
  readonly dns: DnsResolver
  /** 443 by the RFC; tests have another one. */
  readonly port: number
  /** Whether a policy host may be asked at this address: none that leads into our own network, unless policy says so. */
  readonly allows: (address: string) => boolean
  /** Authorities in PEM that are trusted besides Node's; none: `NODE_EXTRA_CA_CERTS` adds to those. */
  readonly ca?: string
  /** Of the whole fetch, ms. */
  readonly timeoutMs?: number
}

/** No policy could be had from its host. */
export class FetchFailed extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'FetchFailed'
  }
}

const MAXIMUM_SIZE = 64 * 1024
const MAXIMUM_ADDRESSES = 8

/**
 * Fetches a domain's policy (RFC 8461 3.3): the certificate must be valid for `mta-sts.<domain>`, the answer must be 200 and
 * text/plain, redirects are not followed, at most 64 KiB. `closed`: nobody waits any more. Throws `FetchFailed`.
 */
export const fetchStsPolicy = async (
  domain: string,
  options: FetchOptions,
  closed?: AbortSignal,
): Promise<StsPolicy> => {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000)
  const signal = closed === undefined ? timeout : AbortSignal.any([timeout, closed])
  try {
    return parseStsPolicy(await bodyOf(await responseOf(`mta-sts.${domain}`, options, signal)))
  } catch (error) {
    if (signal.aborted)
      throw new FetchFailed(timeout.aborted ? 'it took too long' : 'it was given up', { cause: error })
    if (error instanceof FetchFailed) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new FetchFailed(error instanceof BadStsPolicy ? `the policy is not valid: ${why}` : why, { cause: error })
  }
}

const responseOf = (
  host: string,
  { dns, port, ca, allows }: FetchOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const sent = request({
      host,
      port,
      path: '/.well-known/mta-sts.txt',
      headers: { host: port === 443 ? host : `${host}:${port}`, accept: 'text/plain' },
      servername: host,
      lookup: lookupBy(dns, allows),
      minVersion: 'TLSv1.2',
      agent: false,
      signal,
      ...(ca === undefined ? {} : { ca }),
    })
    sent.once('response', resolve)
    sent.on('error', reject)
    sent.end()
  })

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  const { statusCode, headers } = response
  const refuse = (why: string): FetchFailed => {
    response.destroy()
    return new FetchFailed(why)
  }
  if (statusCode !== 200) throw refuse(`it answers ${statusCode}, not 200`)
  const type = headers['content-type'] ?? ''
  if (!/^text\/plain[ \t]*(?:;|$)/i.test(type))
    throw refuse(`it is ${JSON.stringify(type.slice(0, 100))}, not text/plain`)
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > MAXIMUM_SIZE) throw refuse(`it has more than ${MAXIMUM_SIZE} octets`)
    pieces.push(piece)
  }
  if (!response.complete) throw new FetchFailed('it broke off')
  return Buffer.concat(pieces).toString('utf8')
}

/** Mailkeep's own servers are asked, not the system's. */
const lookupBy =
  (dns: DnsResolver, allows: FetchOptions['allows']): LookupFunction =>
  (host, options, done) => {
    const look = async (): Promise<{ address: string; family: number }[]> => {
      const answers = await Promise.all([dns.query(host, 'A'), dns.query(host, 'AAAA')])
      const found = answers.flatMap(({ type, records }) =>
        records.map((record) => ({ address: String(record), family: type === 'A' ? 4 : 6 })),
      )
      if (found.length === 0)
        throw new FetchFailed(`${host} has no address (${answers.map((one) => one.outcome).join(', ')})`)
      const allowed = found.filter(({ address }) => allows(address)).slice(0, MAXIMUM_ADDRESSES)
      if (allowed.length === 0) throw new FetchFailed(`${host} has private addresses only`)
      return allowed
    }
    void answer(look(), options.all === true, done)
  }

const answer = async (
  looked: Promise<readonly { readonly address: string; readonly family: number }[]>,
  all: boolean,
  done: Parameters<LookupFunction>[2],
): Promise<void> => {
  let addresses: readonly { readonly address: string; readonly family: number }[]
  try {
    addresses = await looked
  } catch (error) {
    return done(error instanceof Error ? error : new Error(String(error)), [])
  }
  if (all) return done(null, [...addresses])
  return done(null, addresses[0]?.address ?? '', addresses[0]?.family)
}
