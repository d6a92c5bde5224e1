/** A policy as fetched from `https://mta-sts.<domain>/.well-known/mta-sts.txt` (RFC 8461 3.2). */
export interface StsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none'
  /** Lower case: names of hosts, or `*.` and a domain, which stands for one label. */
  readonly mx: readonly string[]
  /** Seconds from when it was fetched. */
  readonly maxAge: number
}

export class BadStsPolicy extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'BadStsPolicy'
  }
}

/** Seconds: about a year. */
const MAXIMUM_AGE = 31_557_600
const MAXIMUM_PATTERNS = 1_000

const NAME = /^([A-Za-z0-9][\w.-]{0,31}):/
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const PATTERN = new RegExp(String.raw`^(?:\*\.)?${LABEL}(?:\.${LABEL})*$`)

/**
 * Reads a policy: lines end in LF or CRLF, fields nobody knows are passed over, of a field that may stand once the first counts.
 * Throws `BadStsPolicy`.
 */
export const parseStsPolicy = (text: string): StsPolicy => {
  const first = new Map<string, string>()
  const mx: string[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name] = NAME.exec(line) ?? []
    if (name === undefined) throw new BadStsPolicy(`line ${at + 1} is no field: ${quoted(line)}`)
    // Not by a pattern: one for the space at the end takes time that grows with the square of it.
    const value = line.slice(name.length + 1).trim()
    if (name === 'mx') mx.push(patternOf(value))
    else if (!first.has(name)) first.set(name, value)
    if (mx.length > MAXIMUM_PATTERNS) throw new BadStsPolicy(`more than ${MAXIMUM_PATTERNS} mx fields`)
  }
  const version = first.get('version')
  if (version !== 'STSv1') throw new BadStsPolicy(`version is ${quoted(version)}, not STSv1`)
  const mode = first.get('mode')
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') throw new BadStsPolicy(`mode is ${quoted(mode)}`)
  const age = first.get('max_age')
  if (age === undefined || !/^\d{1,10}$/.test(age)) throw new BadStsPolicy(`max_age is ${quoted(age)}`)
  if (mode !== 'none' && mx.length === 0) throw new BadStsPolicy('it names no mx')
  return { mode, mx, maxAge: Math.min(Number(age), MAXIMUM_AGE) }
}

const patternOf = (value: string): string => {
  const pattern = value.toLowerCase()
  if (pattern.length > 255 || !PATTERN.test(pattern)) throw new BadStsPolicy(`mx is ${quoted(value)}`)
  return pattern
}

const quoted = (text: string | undefined): string =>
  text === undefined ? 'absent' : JSON.stringify(text.slice(0, 100))

/** Whether the policy covers an MX host (RFC 8461 4.1): a wildcard stands for the leftmost label, all of it, and no more. */
export const coversHost = ({ mx }: Pick<StsPolicy, 'mx'>, host: string): boolean => {
  const name = host.toLowerCase().replace(/\.$/, '')
  const dot = name.indexOf('.')
  const wildcard = dot > 0 ? `*${name.slice(dot)}` : null
  return mx.some((pattern) => pattern === name || pattern === wildcard)
}
