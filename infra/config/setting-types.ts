import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { z } from 'zod'

/** How one kind of setting is read from text, and what to tell who got it wrong. */
export interface SettingType<T> {
  readonly schema: z.ZodType<T, string>
  readonly expected: string
  /** A list is written with commas, in YAML also as a sequence. */
  readonly list: boolean
  /** A path is resolved against the working directory. */
  readonly path: boolean
}

const scalar = <T>(schema: z.ZodType<T, string>, expected: string): SettingType<T> => ({
  schema,
  expected,
  list: false,
  path: false,
})

const MAX_TEXT = 4_096
const text = z.string().max(MAX_TEXT)

/** Text read by a function that answers undefined for what it does not take. */
const readBy = <T>(read: (given: string) => T | undefined): z.ZodType<T, string> =>
  text.transform((given, context): T => {
    const value = read(given)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: 'not as expected' })
    return z.NEVER
  })

const list = <T>(readItem: (item: string) => T | undefined, expected: string): SettingType<readonly T[]> => ({
  schema: readBy((given) => {
    const items = given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(readItem)
    const known = items.filter((item) => item !== undefined)
    return known.length === items.length && new Set(known).size === known.length ? known : undefined
  }),
  expected,
  list: true,
  path: false,
})

export const path: SettingType<string> = {
  schema: text.min(1).refine((given) => !given.includes('\0')),
  expected: 'a path',
  list: false,
  path: true,
}

export const anyText: SettingType<string> = scalar(text.min(1), `text of 1 to ${MAX_TEXT} characters`)

export const port: SettingType<number | 'off'> = scalar(
  readBy((given) => (given === 'off' ? given : readPort(given, 0))),
  'a port from 0 (any free one) to 65535, or off',
)

export const remotePort: SettingType<number> = scalar(
  readBy((given) => readPort(given, 1)),
  'a port from 1 to 65535',
)

export const seconds = (least: number, most: number): SettingType<number> =>
  scalar(
    readBy((given) => {
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
      return value >= least && value <= most ? value : undefined
    }),
    `seconds, from ${least} to ${most}`,
  )

export const ipAddress: SettingType<string> = scalar(
  readBy((given) => (given === 'localhost' || isIP(given) !== 0 ? given : undefined)),
  'an IP address, such as 127.0.0.1, ::1 or 0.0.0.0',
)

export const hostName: SettingType<string> = scalar(readBy(readHostName), 'a host name, such as mx.example.org')

export const domainName: SettingType<string> = scalar(
  readBy((given) => {
    const name = readHostName(given)
    return name !== undefined && isIP(name) === 0 ? name : undefined
  }),
  'a domain name, such as example.org',
)

export const nodeName: SettingType<string> = scalar(
  text.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  'letters, digits, dots, hyphens and underscores, at most 100',
)

export const webAddress: SettingType<string> = scalar(
  readBy((given) => {
    const url = readUrl(given, ['http:', 'https:'])
    return url === undefined || url.search !== '' || url.hash !== '' ? undefined : given.replace(/\/+$/, '')
  }),
  'an http or https URL without query',
)

export const eventStoreAddress: SettingType<string> = scalar(
  text.regex(/^(esdb|kurrentdb)(\+discover)?:\/\/[^\s/]+/),
  'a connection string esdb://host:port or esdb+discover://host:port',
)

/** `host`, `host:port`, `[v6]:port`. */
export const hostAndMaybePort: SettingType<string> = scalar(
  readBy((given) => (readHostPort(given) === undefined ? undefined : given)),
  'a host, with a port where it is not the usual one: host or host:port',
)

export const socketAddress: SettingType<string> = scalar(
  readBy((given) => {
    if (given.startsWith('/')) return given
    return readHostPort(given)?.port === undefined ? undefined : given
  }),
  "host:port, or the absolute path of a socket's file",
)

export const key32: SettingType<string> = scalar(
  readBy((given) =>
    /^[A-Za-z0-9+/_-]+={0,2}$/.test(given) && Buffer.from(given, 'base64').length === 32 ? given : undefined,
  ),
  '32 bytes in base64 (openssl rand -base64 32)',
)

export const oneOf = <const T extends string>(...choices: readonly T[]): SettingType<T> =>
  scalar(
    readBy((given) => choices.find((choice) => choice === given)),
    `one of ${choices.join(', ')}`,
  )

/** One or more of the choices, each once. */
export const someOf = <const T extends string>(...choices: readonly T[]): SettingType<readonly T[]> => {
  const some = list((item) => choices.find((choice) => choice === item), `some of ${choices.join(', ')}`)
  return { ...some, schema: some.schema.refine((items) => items.length > 0) }
}

/** As `dns.Resolver.setServers` takes them: `192.0.2.1:53`, `[2001:db8::1]:53`. */
export const dnsServers: SettingType<readonly string[]> = list((item) => {
  if (isIP(item) !== 0) return item
  const parts = readHostPort(item)
  return parts !== undefined && isIP(parts.host) !== 0 ? item : undefined
}, 'ip or ip:port, several with commas')

export const networks: SettingType<readonly string[]> = list((item) => {
  const [address = '', bits, ...rest] = item.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return undefined
  if (bits === undefined) return item
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) ? item : undefined
}, 'IP addresses or networks such as 10.0.0.0/8, several with commas')

function readPort(given: string, lowest: number): number | undefined {
  if (!/^\d{1,5}$/.test(given)) return undefined
  const number = Number(given)
  return number >= lowest && number <= 65_535 ? number : undefined
}

function readHostName(given: string): string | undefined {
  const ascii = domainToASCII(given.toLowerCase())
  const labels = ascii.split('.')
  return ascii.length <= 253 && labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}$/.test(label)) ? ascii : undefined
}

function readUrl(given: string, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(given)
  return url !== null && protocols.includes(url.protocol) ? url : undefined
}

/** `host`, `host:port`, an IPv6 address alone, or in brackets with a port; undefined: it is none. */
export function readHostPort(given: string): { host: string; port: number | undefined } | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(given)
  if (parts === null) return isIP(given) === 6 ? { host: given, port: undefined } : undefined
  const host = parts[1] ?? parts[2] ?? ''
  if (isIP(host) === 0 && readHostName(host) === undefined) return undefined
  if (parts[3] === undefined) return { host, port: undefined }
  const port = readPort(parts[3], 1)
  return port === undefined ? undefined : { host, port }
}
