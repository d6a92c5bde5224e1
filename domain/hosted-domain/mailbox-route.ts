import { parseDomainName } from '../message/domain-name.ts'

/** Where the mailboxes of a domain are, as its setting `mailboxHost` says it. */
export type MailboxRoute =
  | { readonly kind: 'maildir' }
  /** In order of priority: one that can't be used is passed over for a while. */
  | { readonly kind: 'hosts'; readonly hosts: readonly RemoteMailboxHost[] }

export interface RemoteMailboxHost {
  readonly protocol: 'lmtp' | 'smtp'
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  /** `required`: TLS with whatever certificate; `verify`: with one for the host's name from an authority that this machine trusts. */
  readonly tls: 'off' | 'opportunistic' | 'required' | 'verify'
  /** Authenticates as this user, with the domain's `mailboxHostPassword`. */
  readonly user: string | null
  /** As logs and traces show it: protocol and place alone. */
  readonly name: string
}

/** What a setting that is none is told. */
export const MAILBOX_ROUTES =
  'expected `maildir` (folders under data/mailboxes), or hosts in order of priority, with commas between them: `lmtp://host:24`, `lmtp:///absolute/socket`, `smtp://host:25`, each with `?tls=off|opportunistic|required|verify&user=name` where needed'

const MAXIMUM_HOSTS = 10
/** A socket's path ends there (unix(7)). */
const MAXIMUM_SOCKET = 107
const PORTS = { lmtp: 24, smtp: 25 } as const

/** The syntax alone: whether there is such a host shows at delivery. null: it is no route. */
export const parseMailboxRoute = (text: string): MailboxRoute | null => {
  if (text === 'maildir') return { kind: 'maildir' }
  const hosts = text.split(',').map((one) => parseHost(one.trim()))
  const known = hosts.filter((host) => host !== null)
  const names = new Set(known.map(({ name }) => name))
  return known.length === hosts.length && names.size === hosts.length && hosts.length <= MAXIMUM_HOSTS
    ? { kind: 'hosts', hosts: known }
    : null
}

const parseHost = (text: string): RemoteMailboxHost | null => {
  const [, scheme, place = '', query = ''] = /^(lmtp|smtp):\/\/([^?#\s]+)(?:\?([^?#\s]*))?$/.exec(text) ?? []
  if (scheme === undefined) return null
  const protocol = scheme === 'lmtp' ? 'lmtp' : 'smtp'
  const at = placeOf(place, PORTS[protocol])
  const options = optionsOf(query)
  if (at === null || options === null) return null
  const socket = 'socket' in at
  const tls = options.get('tls') ?? (socket ? 'off' : 'opportunistic')
  if (tls !== 'off' && tls !== 'opportunistic' && tls !== 'required' && tls !== 'verify') return null
  if (socket && (protocol === 'smtp' || tls === 'verify')) return null
  const name = socket ? `${protocol}://${at.socket}` : `${protocol}://${bracketed(at.host)}:${at.port}`
  return { protocol, at, tls, user: options.get('user') ?? null, name }
}

const placeOf = (text: string, usualPort: number): RemoteMailboxHost['at'] | null => {
  if (text.startsWith('/')) return text.length > 1 && text.length <= MAXIMUM_SOCKET ? { socket: text } : null
  const [, ipv6, name = '', digits] = /^(?:\[([\da-fA-F:.]{2,45})\]|([^:/[\]@]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = digits === undefined ? usualPort : Number(digits)
  const host = ipv6?.toLowerCase() ?? (ipv4.test(name) ? name : parseDomainName(name))
  return host === null || port < 1 || port > 65_535 ? null : { host, port }
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** null: not known, twice, or no text in percent-encoding. */
const optionsOf = (query: string): ReadonlyMap<string, string> | null => {
  const options = new Map<string, string>()
  for (const one of query === '' ? [] : query.split('&')) {
    const [, name = '', encoded = ''] = /^(tls|user)=(.+)$/.exec(one) ?? []
    const value = decoded(encoded)
    if (name === '' || value === null || options.has(name)) return null
    options.set(name, value)
  }
  return options
}

const decoded = (text: string): string | null => {
  try {
    const value = decodeURIComponent(text)
    return /\p{Cc}/u.test(value) ? null : value
  } catch {
    return null
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
