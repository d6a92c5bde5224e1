import { z } from 'zod'
import { digestWishes } from '../mailbox/digest-wishes.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../kernel/instant.ts'
import { authenticationPolicy, uriBlockLists } from './authentication-policy.ts'
import type { PolicyName } from './events.ts'

/*
 * The documents of policy, each with its defaults (interface.md §2): `schema.parse({})` is the built-in version 0.
 * Durations are milliseconds, sizes bytes.
 */
const count = (fallback: number) => z.number().int().positive().default(fallback)
const duration = count
/** How long another server may take over one step: a timer in memory bounds it. */
const patience = (fallback: number) => z.number().int().min(SECOND).max(HOUR).default(fallback)
const check = (fallback: 'off' | 'record' | 'reject') => z.enum(['off', 'record', 'reject']).default(fallback)

/** What the SMTP listeners allow and check. */
export const edgePolicy = z.strictObject({
  limits: z
    .strictObject({
      messageSize: count(50 * 1024 * 1024),
      recipientsPerMail: count(1_000),
      mailsPerConnection: count(1_000),
      errorsPerConnection: count(20),
      connections: count(2_000),
      connectionsPerAddress: count(50),
      commandLine: count(4_096),
      dataLine: count(100_000),
      headerSize: count(1024 * 1024),
      headerCount: count(2_000),
      receivedHops: count(30),
      idleTimeout: duration(5 * MINUTE),
      dataTimeout: duration(10 * MINUTE),
      sessionTimeout: duration(2 * HOUR),
      /** Accepted mails not yet judged; beyond it new mail gets 451 4.3.2. */
      backlog: count(10_000),
    })
    .prefault({}),
  /** Bare CR or LF in DATA. */
  bareLineEnds: z.enum(['reject', 'normalise']).default('reject'),
  checks: z
    .strictObject({
      /** Spoke before the greeting. */
      earlyTalker: check('reject'),
      /** Neither a domain name nor an address literal. */
      heloSyntax: check('reject'),
      /** Our host name, or a domain hosted here. */
      heloOwnName: check('reject'),
      heloResolves: check('record'),
      /** The address has a name that resolves back to it. */
      reverseDns: check('record'),
      /** The domain of MAIL FROM has an MX or an address. */
      senderDomain: check('record'),
    })
    .prefault({}),
  /** How long the greeting waits for early talkers; not for exempt networks. */
  earlyTalkerWait: z.number().int().min(0).max(MINUTE).default(300),
  /** Networks (CIDR) exempt from connection checks and counts per address; never from SPF, DKIM, DMARC. */
  exemptNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'a network such as 192.0.2.0/24 or 2001:db8::/32'))
    .max(1_000)
    .default(['127.0.0.0/8', '::1/128']),
  /** Where somebody else knows the recipients of a domain (its setting `recipientSource`). */
  recipientVerification: z
    .strictObject({
      /** How long an answer of the mailbox host holds. */
      knownFor: duration(24 * HOUR),
      unknownFor: duration(15 * MINUTE),
      /** How long a sender waits for it at RCPT. */
      deadline: z
        .number()
        .int()
        .positive()
        .max(MINUTE)
        .default(5 * SECOND),
      /** Questions at a time, for each domain. */
      atATime: z.number().int().min(1).max(64).default(8),
      /** The share of copied accounts that may be gone from an LDAP directory at once; when it is more, the copy stops with an alarm. */
      vanishAtMost: z.number().min(0).max(1).default(0.2),
      /** The hour (UTC) of the nightly copy of LDAP directories. */
      syncHour: z.number().int().min(0).max(23).default(2),
    })
    .prefault({}),
})

const treatment = z.enum(['hold', 'score', 'infected'])

/** How accepted mail is judged. */
export const inspectionPolicy = z.strictObject({
  /** Score at or over which a mail is quarantined. */
  threshold: z.number().min(0.1).max(1_000).default(5),
  /** Symbol -> weight where it differs from the built-in table. */
  weights: z
    .record(z.string().max(100), z.number().min(-1_000).max(1_000))
    .refine((weights) => Object.keys(weights).length <= 2_000, 'at most 2000 of them')
    .default({}),
  authentication: authenticationPolicy,
  uriBlockLists,
  unscannable: z
    .strictObject({
      encrypted: treatment.default('score'),
      malformed: treatment.default('hold'),
      'too-deep': treatment.default('hold'),
      'too-large': treatment.default('hold'),
      bomb: treatment.default('hold'),
    })
    .prefault({}),
  attachments: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** null: the built-in list. Extensions without the dot, lower case. */
      blockedExtensions: z.array(z.string().max(20)).max(500).nullable().default(null),
      /** null: the built-in list. Content types by magic, e.g. `pe`, `elf`, `script`. */
      blockedContent: z.array(z.string().max(50)).max(100).nullable().default(null),
    })
    .prefault({}),
  scan: z
    .strictObject({
      /** Delays before the next try while the scanner is away; the last one repeats. */
      retryDelays: z
        .array(duration(SECOND))
        .min(1)
        .max(100)
        .default([5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE]),
      /** After this long without a scanner the mail is held as unscannable. */
      giveUpAfter: duration(24 * HOUR),
    })
    .prefault({}),
  /** Mails inspected at a time by each node; a change takes effect at the next start. */
  parallel: z.number().int().min(1).max(64).default(8),
  quarantineFor: duration(30 * DAY),
})
export type InspectionPolicy = z.output<typeof inspectionPolicy>

/** How mail is handed to mailbox hosts. */
export const deliveryPolicy = z.strictObject({
  retryDelays: z
    .array(duration(SECOND))
    .min(1)
    .max(100)
    .default([MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR]),
  expireAfter: duration(5 * DAY),
  /** For a mailbox that is full (452 4.2.2, 552 5.2.2). */
  mailboxFull: z
    .strictObject({
      retryDelays: z
        .array(duration(SECOND))
        .min(1)
        .max(100)
        .default([15 * MINUTE, HOUR, 4 * HOUR]),
      expireAfter: duration(5 * DAY),
    })
    .prefault({}),
  /** Deliveries at a time by each node; a change takes effect at the next start. */
  parallel: z.number().int().min(1).max(256).default(16),
  /** Of those, to one mailbox host: connections to it at a time. */
  perHost: z.number().int().min(1).max(256).default(10),
})

/** How long bytes stay when nothing needs them, and when a disk is too full. */
export const storagePolicy = z.strictObject({
  /** After the last outcome of a mail. */
  grace: duration(3 * DAY),
  /** Alarm below this much free space (bytes); new mail gets 452 below a quarter of it. */
  freeSpace: count(1024 * 1024 * 1024),
  /** Alarm when a projection is this far behind. */
  lag: duration(5 * MINUTE),
  /** Alarm this long before the TLS certificate ends. */
  certificate: duration(14 * DAY),
})
export type StoragePolicy = z.output<typeof storagePolicy>

/** Sign-in, sessions, defaults of accounts, and what they may forward. */
export const accountsPolicy = z.strictObject({
  sessionFor: duration(12 * HOUR),
  tokenForAtMost: duration(366 * DAY),
  /** Failed sign-ins per account within the window, after which more are refused. */
  failedSignIns: count(10),
  /** The same per client address (per /64 of IPv6), over all accounts: many people can share one. */
  failedSignInsPerAddress: count(100),
  failedSignInsWindow: duration(15 * MINUTE),
  minimumPasswordLength: z.number().int().min(8).max(128).default(10),
  quota: z.strictObject({ mailsPerDay: count(500), recipientsPerDay: count(2_000) }).prefault({}),
  /** How long a single administrator's request about officers waits. */
  approvalDelay: duration(24 * HOUR),
  /** Mail that goes on to addresses outside because an account forwards it or a group has members there. */
  forwarding: z
    .strictObject({
      /** Whether it may at all; what may not stays in the mailbox. */
      outside: z.enum(['allow', 'refuse']).default('allow'),
      /** Where a hosted domain needs its own. */
      domains: z
        .record(z.string().max(253), z.enum(['allow', 'refuse']))
        .refine((domains) => Object.keys(domains).length <= 1_000, 'at most 1000 of them')
        .default({}),
      /** Mails that one account or group may send on in any 24 hours; what is over stays in the mailbox. */
      mailsPerDay: count(1_000),
      /** Bounces for one return address (SRS) that are taken in any hour. */
      bouncesPerHour: count(100),
    })
    .prefault({}),
})

/** What users may submit, beside the limits of `edge` that hold for every listener. */
export const submissionPolicy = z.strictObject({
  /** In any such minute (a sliding window), per account. */
  perMinute: z.strictObject({ connections: count(100), mails: count(100), recipients: count(2_000) }).prefault({}),
  /** The same per client address (per /64 of IPv6); not for the exempt networks of `edge`. */
  perMinuteAndAddress: z
    .strictObject({ connections: count(200), mails: count(500), recipients: count(5_000) })
    .prefault({}),
  /** Sessions at a time, per account. */
  connectionsPerAccount: count(50),
  /** What can't be scanned: taken or refused (554 5.7.1), by kind. */
  unscannable: z
    .strictObject({
      encrypted: z.enum(['accept', 'reject']).default('accept'),
      malformed: z.enum(['accept', 'reject']).default('reject'),
      'too-deep': z.enum(['accept', 'reject']).default('reject'),
      'too-large': z.enum(['accept', 'reject']).default('reject'),
      bomb: z.enum(['accept', 'reject']).default('reject'),
    })
    .prefault({}),
})
export type SubmissionPolicy = z.output<typeof submissionPolicy>

/** How mail is relayed to the Internet. */
export const relayPolicy = z.strictObject({
  /** Delays before attempt 2, 3, ...; the last one repeats. */
  retryDelays: z
    .array(duration(SECOND))
    .min(1)
    .max(100)
    .default([5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR]),
  expireAfter: duration(5 * DAY),
  /** After this long the sender is told once that it is late. */
  delayWarningAfter: duration(4 * HOUR),
  /** Mails under way by each node: enough that many slow destinations leave room for the others. */
  parallel: z.number().int().min(1).max(1_024).default(128),
  /** Of those, to one destination (the same set of MX hosts). */
  perDestination: z.number().int().min(1).max(64).default(5),
  /** Mails a minute to one destination by each node; null: as many as it takes. */
  perMinute: z.number().int().positive().nullable().default(null),
  /** Recipients of one destination in one transaction. */
  recipientsPerTransaction: z.number().int().min(1).max(1_000).default(100),
  /** How long a server may take over each step (RFC 5321 4.5.3.2). */
  timeouts: z
    .strictObject({
      connect: patience(30 * SECOND),
      /** For the whole greeting, and for the TLS handshake. */
      greeting: patience(MINUTE),
      command: patience(2 * MINUTE),
      /** To say that it waits for the message. */
      data: patience(2 * MINUTE),
      /** To take one piece of the message. */
      block: patience(3 * MINUTE),
      /** From the end of the message to the last reply. */
      final: patience(10 * MINUTE),
    })
    .prefault({}),
  /** Where a destination needs its own: by domain of the recipient. */
  destinations: z
    .record(
      z.string().max(253),
      z.strictObject({
        perDestination: z.number().int().min(1).max(64).optional(),
        perMinute: z.number().int().positive().nullable().optional(),
        tls: z.enum(['opportunistic', 'required', 'verify']).optional(),
      }),
    )
    .refine((destinations) => Object.keys(destinations).length <= 1_000, 'at most 1000 of them')
    .default({}),
  /** Private, loopback and link-local targets of MX records. The demo may always relay to loopback. */
  privateTargets: z.enum(['refuse', 'allow']).default('refuse'),
  mtaSts: z.enum(['off', 'record', 'enforce']).default('enforce'),
  dane: z.enum(['off', 'enforce']).default('enforce'),
  /** The resolver validates DNSSEC and the way to it is safe (RFC 7672 2.1): only then DANE is used. */
  resolverIsTrusted: z.boolean().default(false),
  /** Block lists in which our own addresses and domains are looked up daily. */
  ownBlockLists: z
    .strictObject({
      addresses: z.array(z.string().max(253)).max(50).default([]),
      domains: z.array(z.string().max(253)).max(50).default([]),
    })
    .prefault({}),
})
export type RelayPolicy = z.output<typeof relayPolicy>

/** The digests of users who, and whose domain, say nothing of their own; and the links in all of them. */
export const digestPolicy = z.strictObject({
  wishes: digestWishes.default({ times: ['08:00'], days: 'every-day', when: 'traffic' }),
  links: z
    .strictObject({
      /** Whether a link acts for whoever has it, or asks its account to sign in first. */
      signIn: z.enum(['not-needed', 'needed']).default('not-needed'),
      /** How long "Open my quarantine" signs in; it does so once. */
      signInFor: duration(24 * HOUR),
      /** New links are signed with this key. Raise it to change keys; older links hold on as long as `oldestKey` lets them. */
      key: z.number().int().min(1).max(1_000_000).default(1),
      oldestKey: z.number().int().min(1).max(1_000_000).default(1),
    })
    .refine(({ key, oldestKey }) => oldestKey <= key, 'oldestKey is at most key')
    .prefault({}),
})
/** What the archive keeps and for how long, and what officers need a second one for. */
export const archivePolicy = z.strictObject({
  /** Days from when a copy became due; null: for ever. */
  retentionDays: z.number().int().min(1).max(36_500).nullable().default(null),
  /** Of each account; null: without a bound. */
  quotaBytes: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .default(50 * 1024 * 1024 * 1024),
  /** Archiving goes on whatever is full. `make-room`: the oldest copies that are expired and not held go until it is no longer. */
  whenFull: z.enum(['go-on', 'make-room']).default('go-on'),
  /** `expired`: what is expired and not held goes, full or not. */
  purge: z.enum(['off', 'expired']).default('off'),
  /** Mail that is held, too, as soon as it is; but for viruses, which never are unless they are released. */
  quarantined: z.boolean().default(false),
  /** What an officer needs a second one's approval for: a search across accounts, an export. */
  fourEyes: z.strictObject({ searches: z.boolean().default(false), exports: z.boolean().default(false) }).prefault({}),
  /** How long an approval is good for, from when it was asked for. */
  approvalFor: duration(7 * DAY),
  /** Users see who else read their archived mail. */
  readersShown: z.boolean().default(false),
})

export const policySchemas = {
  edge: edgePolicy,
  inspection: inspectionPolicy,
  delivery: deliveryPolicy,
  storage: storagePolicy,
  accounts: accountsPolicy,
  submission: submissionPolicy,
  relay: relayPolicy,
  digest: digestPolicy,
  archive: archivePolicy,
} as const satisfies Record<PolicyName, z.ZodType>

export type PolicyDocument<Name extends PolicyName> = z.output<(typeof policySchemas)[Name]>

/** The document a stored version stands for, its missing fields filled with defaults. */
export const policyDocument = <Name extends PolicyName>(
  name: Name,
  stored: Readonly<Record<string, unknown>>,
): PolicyDocument<Name> => policySchemas[name].parse(stored) as PolicyDocument<Name>
