import {
  anyText,
  dnsServers,
  domainName,
  eventStoreAddress,
  hostAndMaybePort,
  hostName,
  ipAddress,
  key32,
  networks,
  nodeName,
  oneOf,
  path,
  port,
  remotePort,
  seconds,
  type SettingType,
  socketAddress,
  someOf,
  webAddress,
} from './setting-types.ts'

/** Which parts run in this process. */
export const ROLES = ['mx', 'submission', 'inspector', 'courier', 'archivist', 'projector', 'api'] as const
export type Role = (typeof ROLES)[number]

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** What is shown of a secret: nothing, or all but the user's part of a URL. */
export type Secrecy = 'open' | 'secret' | 'userinfo'

/** Where a default comes from: written text, the machine, another setting, or nothing (`says` tells what happens then). */
type SettingDefault =
  | { readonly text: string }
  | { readonly machine: 'hostname' }
  | { readonly sameAs: string }
  | { readonly says: string }

export interface Setting<T> {
  readonly type: SettingType<T>
  readonly default: SettingDefault
  readonly meaning: string
  readonly secrecy: Secrecy
}

interface Always<T> extends Setting<T> {
  readonly optional: false
}
interface Maybe<T> extends Setting<T> {
  readonly optional: true
}

const always = <T>(type: SettingType<T>, fallback: string | SettingDefault, meaning: string): Always<T> => ({
  type,
  default: typeof fallback === 'string' ? { text: fallback } : fallback,
  meaning,
  secrecy: 'open',
  optional: false,
})

/** `says`: what happens when it isn't given. */
const maybe = <T>(type: SettingType<T>, says: string, meaning: string, secrecy: Secrecy = 'open'): Maybe<T> => ({
  type,
  default: { says },
  meaning,
  secrecy,
  optional: true,
})

const bindOf = (listener: string) => always(ipAddress, { sameAs: 'bind' }, `address of the ${listener} listener`)
const portOf = (number: string, listener: string) =>
  always(port, number, `port of the ${listener} listener; 0: any free port; off: not started`)

/** Every setting there is: the one place to add one. Policy (weights, limits, schedules) is not here: it lives in the event log. */
export const SETTINGS = {
  data: always(path, './data', 'folder of everything this node keeps'),
  bind: always(ipAddress, '127.0.0.1', 'address of all listeners'),
  hostname: always(hostName, { machine: 'hostname' }, 'name in 220, EHLO, Received, Authentication-Results'),

  'mx.port': portOf('2525', 'SMTP (mail from the Internet)'),
  'mx.bind': bindOf('SMTP'),
  'submission.port': portOf('2587', 'submission (STARTTLS)'),
  'submission.bind': bindOf('submission (STARTTLS)'),
  'submissions.port': portOf('2465', 'submission (TLS)'),
  'submissions.bind': bindOf('submission (TLS)'),
  'http.port': portOf('8080', 'HTTP'),
  'http.bind': bindOf('HTTP'),
  'http.publicUrl': maybe(webAddress, 'http://<bind>:<port>', 'base of the links in mails'),
  'http.trustedProxies': always(networks, '', 'who may say X-Forwarded-For'),

  'tls.cert': maybe(
    path,
    'self-signed, made once under data',
    'certificate chain (PEM); reloaded when the file changes',
  ),
  'tls.key': maybe(path, 'self-signed, made once under data', 'private key (PEM); reloaded when the file changes'),

  'admin.password': maybe(
    anyText,
    'random, printed once',
    'password of admin@<first domain> on the very first start',
    'secret',
  ),
  'demo.mode': always(oneOf('auto', 'off'), 'auto', 'auto: a demo when data is new and no domain is set'),
  domain: maybe(domainName, 'none', 'the first hosted domain of an installation that is no demo'),
  'demo.password': maybe(anyText, 'random, printed once', 'password of the demo users', 'secret'),

  'log.engine': always(oneOf('sqlite', 'eventstore'), 'sqlite', 'where events are kept'),
  'log.level': always(oneOf(...LOG_LEVELS), 'info', 'least weight of what is logged'),
  'eventstore.url': maybe(eventStoreAddress, 'none', 'connection string of EventStoreDB', 'userinfo'),
  'eventstore.consumerStrategy': always(
    oneOf('round-robin', 'dispatch-to-single'),
    'round-robin',
    'how events are shared out between the nodes that react to them',
  ),
  'eventstore.messageTimeout': always(
    seconds(1, 3_600),
    '30',
    "seconds beyond a reaction's own time-out after which the server gives an event to another node",
  ),
  'eventstore.checkpointAfter': always(
    seconds(1, 3_600),
    '1',
    'seconds after which the server notes how far a group has got',
  ),

  'content.engine': always(oneOf('fs', 's3'), 'fs', 'where the bytes of messages are kept'),
  's3.endpoint': maybe(webAddress, "the region's own", 'address of the object store'),
  's3.bucket': maybe(anyText, 'none', 'bucket of the object store'),
  's3.region': always(anyText, 'us-east-1', 'region of the bucket'),
  's3.accessKey': maybe(anyText, 'none', 'access key of the object store'),
  's3.secretKey': maybe(anyText, 'none', 'secret key of the object store', 'secret'),
  's3.objectLock': always(
    oneOf('off', 'governance', 'compliance'),
    'off',
    'mode in which archived content is locked until its retention ends',
  ),

  'search.engine': always(oneOf('fts', 'elasticsearch'), 'fts', 'what searches the archive'),
  'elasticsearch.url': maybe(webAddress, 'none', 'address of the search cluster', 'userinfo'),
  'elasticsearch.username': maybe(anyText, 'none', 'user of the search cluster'),
  'elasticsearch.password': maybe(anyText, 'none', 'password of the search cluster', 'secret'),
  'elasticsearch.apiKey': maybe(anyText, 'none', 'API key of the search cluster', 'secret'),
  'elasticsearch.index': always(anyText, 'mailkeep-archive', 'name of the search index'),

  'antivirus.engine': always(someOf('yara', 'clamd'), 'yara', 'virus scanners, all of them are asked'),
  'clamd.address': maybe(socketAddress, 'none', 'where clamd listens'),

  'dns.servers': always(dnsServers, '', 'servers for every look-up; none: those of the system'),

  'relay.smarthost': maybe(hostAndMaybePort, 'none', 'all outbound mail goes through this host'),
  'relay.smarthostUser': maybe(anyText, 'none', 'whom the smarthost knows us as (AUTH)'),
  'relay.smarthostPassword': maybe(anyText, 'none', 'password for the smarthost', 'secret'),
  'relay.smarthostTls': always(
    oneOf('opportunistic', 'required', 'verify'),
    'opportunistic',
    'how the smarthost must be spoken to; with a user at least required',
  ),
  'relay.mtaStsPort': always(remotePort, '443', 'port on which the MTA-STS policies of other domains are fetched'),
  'relay.port': always(remotePort, '25', 'port on which remote MX hosts are tried'),

  'secret.key': maybe(
    key32,
    'made once under data',
    'encrypts the secrets that events carry; the same on all nodes',
    'secret',
  ),
  'node.name': always(nodeName, { sameAs: 'hostname' }, 'names this node in streams of its own'),
  roles: always(someOf(...ROLES), ROLES.join(','), 'which parts run in this process'),
} as const satisfies Record<string, Setting<unknown> & { readonly optional: boolean }>

export type SettingKey = keyof typeof SETTINGS
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[]

type ValueOf<S> = S extends Maybe<infer T> ? T | null : S extends Always<infer T> ? T : never
export type SettingValues = { readonly [K in SettingKey]: ValueOf<(typeof SETTINGS)[K]> }

/** Settings that are valid but whose engine is not part of this build. Take a line out when the engine is there. */
export const NOT_IN_THIS_BUILD: readonly { readonly key: SettingKey; readonly value: string }[] = [
  { key: 'content.engine', value: 's3' },
]

/** `http.publicUrl` is `MAILKEEP_HTTP_PUBLICURL` in the environment. */
export const environmentName = (key: string): string => `MAILKEEP_${key.replaceAll('.', '_').toUpperCase()}`
