import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from '#infra/config/load'

export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level?: Config['log']['level']
  /** Names this node in every JSON line. */
  readonly node?: string
  /** Where lines go; default: the process's standard output. */
  readonly to?: DestinationStream
  /** Lines for people instead of JSON; default: when standard output is a terminal. */
  readonly human?: boolean
}

const SECRET_FIELDS = [
  'password',
  'pass',
  'passwordHash',
  'token',
  'secret',
  'secretKey',
  'apiKey',
  'privateKey',
  'authorization',
  'cookie',
  'oneTimeCode',
]
const REDACTED = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])

/**
 * Human-readable on a terminal, JSON otherwise. What comes from outside (addresses, replies, file names) belongs in fields,
 * `logger.info({ client }, 'accepted')`, never in the message.
 */
export function createLogger({ level = 'info', node, to, human = process.stdout.isTTY }: LoggerOptions = {}): Logger {
  const options = {
    level,
    base: node === undefined || human ? {} : { node },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '********' },
  }
  if (!human) return to === undefined ? pino(options) : pino(options, to)
  const stream = pretty({
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,node',
    singleLine: true,
    colorize: to === undefined,
    messageFormat: (log, messageKey) => printable(String(log[messageKey] ?? '')),
    ...(to === undefined ? { sync: true } : { destination: to as unknown as NodeJS.WritableStream }),
  })
  return pino(options, stream)
}

/** A terminal obeys control characters: nobody outside may send it any. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '�')
