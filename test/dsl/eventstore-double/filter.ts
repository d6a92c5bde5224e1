import type { LogRecord } from './records.ts'

/** A server-side filter, the same in reads, subscriptions and groups. */
export interface RecordFilter {
  matches(record: LogRecord): boolean
  /** Records looked at per checkpoint. */
  readonly checkpointEvery: number
}

interface Expression {
  getRegex(): string
  getPrefixList(): string[]
}

interface FilterMessage {
  getStreamIdentifier(): Expression | undefined
  getEventType(): Expression | undefined
  hasMax(): boolean
  getMax(): number
  getCheckpointintervalmultiplier(): number
}

const DEFAULT_WINDOW = 32

/** From the message of a read or of a group; both have the same fields. */
export const filterOf = (message: FilterMessage | undefined): RecordFilter | undefined => {
  if (message === undefined) return undefined
  const byStream = message.getStreamIdentifier()
  const expression = byStream ?? message.getEventType()
  if (expression === undefined) return undefined
  const prefixes = expression.getPrefixList()
  const regex = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex(), 'u')
  const textOf = (record: LogRecord) => (byStream === undefined ? record.type : record.stream)
  return {
    matches: (record) => regex?.test(textOf(record)) ?? prefixes.some((prefix) => textOf(record).startsWith(prefix)),
    checkpointEvery:
      (message.hasMax() ? message.getMax() : DEFAULT_WINDOW) * Math.max(1, message.getCheckpointintervalmultiplier()),
  }
}
