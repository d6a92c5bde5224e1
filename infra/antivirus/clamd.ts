import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import NodeClam, { type ScanStreamResult } from 'clamscan'
import { parseClamdAddress } from './clamd-address.ts'
import { CLEAN, type ScanEngine, type Verdict } from './engine.ts'
import type { ScannerIdentity } from './port.ts'
import { semaphore } from './semaphore.ts'

export interface ClamdLimits {
  /** Bytes: the smaller of clamd's StreamMaxLength and MaxFileSize. clamd calls a longer stream OK without having looked. */
  readonly maxStreamBytes: number
  /** One scan, in ms. */
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxConnections: number
}

const IDENTITY_KEPT_MS = 60_000
const CHUNK = 64 * 1024

/** ClamAV's daemon over TCP or a unix socket, by INSTREAM. Opening does not connect. */
export function openClamd(address: string, limits: ClamdLimits): ScanEngine {
  const target = parseClamdAddress(address)
  const slots = semaphore(limits.maxConnections)
  const open = new Set<Socket>()
  let identity: { at: number; value: ScannerIdentity } | null = null
  let closed = false

  /** Runs one exchange on a connection of its own, which is gone afterwards whatever happened. */
  const exchange = async <T>(
    run: (client: NodeClam) => Promise<T>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<T> => {
    if (closed) throw new Error('closed')
    const client = await new NodeClam().init({
      clamscan: { active: false, path: null },
      clamdscan: { ...target, timeout: timeoutMs, localFallback: false, path: null, active: true, bypassTest: true },
    })
    const connect = client._initSocket.bind(client)
    let socket: Socket | null = null
    let over = false
    client._initSocket = async (label) => {
      const opened = await connect(label)
      socket = opened
      open.add(opened)
      takeErrors(opened, (error) => fail(error))
      if (over) opened.destroy()
      return opened
    }
    let release = (): void => undefined
    let fail: (error: Error) => void = () => undefined
    // clamscan leaves the promise open when clamd falls silent or the connection just closes
    const cut = new Promise<never>((_, reject) => {
      fail = reject
      const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      const onAbort = (): void => reject(new Error('aborted'))
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted === true) onAbort()
      release = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
    })
    try {
      return await Promise.race([run(client), cut])
    } finally {
      over = true
      release()
      const used = socket as Socket | null
      if (used !== null) {
        open.delete(used)
        used.destroy()
      }
    }
  }

  const version = async (): Promise<ScannerIdentity> =>
    parseVersion(await exchange((client) => client.getVersion(), limits.connectTimeoutMs))

  const instream = async (bytes: Uint8Array, signal?: AbortSignal): Promise<Verdict> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return verdictOf(
          await exchange(
            (client) => client.scanStream(Readable.from(chunks(bytes), { objectMode: false })),
            limits.timeoutMs,
            signal,
          ),
        )
      } catch (error) {
        if (!isCut(error)) return failure(error, bytes.length)
        // clamd breaks off on a stream that is too long, and its reply is lost in 1 of 3 cases; or it has just died
        try {
          await version()
        } catch (away) {
          return failure(away, bytes.length)
        }
        if (attempt < CUT_ATTEMPTS) continue
        return {
          verdict: 'unscannable',
          kind: 'too-large',
          detail: `${bytes.length} bytes: clamd breaks off while they are sent`,
        }
      }
    }
  }

  return {
    name: 'clamd',
    // clamd undoes well-formed MIME and opens archives in the raw message by itself
    wants: (part) =>
      part.kind === 'alternative' ||
      (part.kind === 'decoded' && part.isFile) ||
      (part.kind === 'unpacked' && part.bytes.length > limits.maxStreamBytes),
    isClosedTo: () => false,
    scan: (bytes, signal) => {
      if (bytes.length > limits.maxStreamBytes) {
        return Promise.resolve({
          verdict: 'unscannable',
          kind: 'too-large',
          detail: `${bytes.length} bytes; clamd takes ${limits.maxStreamBytes}`,
        })
      }
      return slots.run(() => instream(bytes, signal))
    },
    identify: async () => {
      const now = performance.now()
      if (identity !== null && now - identity.at < IDENTITY_KEPT_MS) return identity.value
      const value = await slots.run(version)
      identity = { at: now, value }
      return value
    },
    close: () => {
      closed = true
      for (const socket of open) socket.destroy()
      return Promise.resolve()
    },
  }
}

/** clamscan prints every error of its socket to the console: they come here instead. */
function takeErrors(socket: Socket, onError: (error: Error) => void): void {
  const on = socket.on.bind(socket) as (event: string, listener: (...args: unknown[]) => void) => Socket
  on('error', (error) => onError(error as Error))
  Object.assign(socket, {
    on: (event: string, listener: (...args: unknown[]) => void) => (event === 'error' ? socket : on(event, listener)),
  })
}

function* chunks(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    yield Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(CHUNK, bytes.length - at))
  }
}

/** clamd's FOUND can also mean that it could not look: told by the name. */
function verdictOf(result: ScanStreamResult): Verdict {
  if (result.isInfected === false) return CLEAN
  if (result.isInfected === null)
    return { verdict: 'unavailable', reason: `clamd answered ${JSON.stringify(result.resultString.slice(0, 200))}` }
  const limits = result.viruses.filter((name) => name.startsWith('Heuristics.Limits.Exceeded'))
  const encrypted = result.viruses.filter((name) => name.startsWith('Heuristics.Encrypted'))
  const viruses = result.viruses.filter((name) => !limits.includes(name) && !encrypted.includes(name))
  if (viruses.length > 0) return { verdict: 'infected', viruses }
  if (limits.length > 0) return { verdict: 'unscannable', kind: 'too-large', detail: limits.join(', ') }
  if (encrypted.length > 0) return { verdict: 'unscannable', kind: 'encrypted', detail: encrypted.join(', ') }
  return { verdict: 'unavailable', reason: `clamd answered FOUND without a name: ${result.resultString.slice(0, 200)}` }
}

const CUT_CODES = new Set<unknown>(['EPIPE', 'ECONNRESET'])
const CUT_ATTEMPTS = 3
const isCut = (error: unknown): boolean => CUT_CODES.has((error as { code?: unknown } | null)?.code)

function failure(error: unknown, size: number): Verdict {
  const reason = describeError(error)
  if (/size limit exceeded/i.test(reason))
    return { verdict: 'unscannable', kind: 'too-large', detail: `${size} bytes: ${reason}` }
  return { verdict: 'unavailable', reason: `clamd: ${reason}` }
}

/** clamscan wraps what clamd said in `data`, or in the message. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const detail = (error as { data?: { error?: unknown } }).data?.error
  const text = [error.message, typeof detail === 'string' ? detail : ''].filter((part) => part !== '').join(': ')
  return text === '' ? ((error as { code?: string }).code ?? 'unknown error') : text.replaceAll('\0', '').slice(0, 300)
}

/** `ClamAV 1.4.6/27001/Mon Jan 1 ...`, or without a database's version when it has only own signatures. */
export function parseVersion(reply: string): ScannerIdentity {
  const found = /^ClamAV ([^/\s\0]+)(?:\/(\d+))?/.exec(reply)
  if (found === null) throw new Error(`clamd answered VERSION with ${JSON.stringify(reply.slice(0, 200))}`)
  return { name: 'clamd', version: found[1]!, database: found[2] ?? 'own' }
}
