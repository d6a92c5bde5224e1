import { z } from 'zod'
import { instant } from '../kernel/instant.ts'
import { client } from '../message/client.ts'
import { DETECTED_TYPES } from './attachments.ts'

/** One answer of the DNS: name, type, outcome, records, and true where DNSSEC vouches for it. A tuple, since a mail has dozens of them. */
const dnsAnswer = z.union([
  z.tuple([z.string(), z.string(), z.string(), z.array(z.unknown())]),
  z.tuple([z.string(), z.string(), z.string(), z.array(z.unknown()), z.literal(true)]),
])

const common = {
  /** The clock: the instant of acceptance, which expiry of signatures and dates in headers are compared with. */
  clock: instant,
  client,
  reversePath: z.string().nullable(),
  hostname: z.string(),
  dns: z.array(dnsAnswer),
  scanner: z.object({ name: z.string(), version: z.string(), database: z.string() }).nullable(),
  /** Version of the learned model; null: none was asked. */
  model: z.string().nullable(),
  /** Version of the built-in weight table, and of the policy document over it. */
  weights: z.number().int().nonnegative(),
  policyVersion: z.number().int().nonnegative(),
}

/** One file in the mail, as the attachment policy looks at it: names, detected type, path. */
const file = z.tuple([z.array(z.string()), z.enum(DETECTED_TYPES).nullable(), z.string()])

/**
 * What a verdict was made from, besides the bytes: with it (and the content, while that is kept) authentication, symbols and
 * disposition can be recomputed to the same result, by later builds too. A document in the content store, its hash in `Authenticated` and
 * `Scored`.
 */
const evidence = z.object({
  format: z.literal(2),
  ...common,
  /** Symbols that the content showed; those of authentication, lists and edge checks follow from the rest and from `Accepted`. */
  content: z.array(z.string()),
  /** Every symbol that was found with its built-in weight then, and whether it is decisive. */
  table: z.array(z.tuple([z.string(), z.number(), z.boolean()])),
  /** Domains of links, as far as they are looked up in block lists. */
  links: z.array(z.string()),
  /** Files that some policy could block; null: too many to be kept. */
  files: z.array(file).nullable(),
  /** What the attachment policy blocked, a sentence each. */
  blocked: z.array(z.string()),
  /** Allow and block lists that were looked at: whose, and at which revision. Who is not named had none. */
  lists: z.array(z.tuple([z.string(), z.number().int()])),
  /** What later learning needs of the text: see infra/content-scan/features.ts. */
  features: z.string(),
})
export type Evidence = z.output<typeof evidence>

/** Of the first build: what the content showed is not in it. */
const firstEvidence = z.object({ format: z.literal(1), ...common })
export type AnyEvidence = Evidence | z.output<typeof firstEvidence>
const anyEvidence = z.discriminatedUnion('format', [evidence, firstEvidence])

/** A DNS answer as `infra/dns` has it. */
export interface AnsweredQuestion {
  readonly name: string
  readonly type: string
  readonly outcome: string
  readonly records: readonly unknown[]
  readonly authentic?: boolean
}

export const dnsEvidence = (answers: readonly AnsweredQuestion[]): Evidence['dns'] =>
  answers.map(({ name, type, outcome, records, authentic }) =>
    authentic === true ? [name, type, outcome, [...records], true] : [name, type, outcome, [...records]],
  )

export const answersOf = ({ dns }: Pick<AnyEvidence, 'dns'>): AnsweredQuestion[] =>
  dns.map(([name, type, outcome, records, authentic]) => ({
    name,
    type,
    outcome,
    records,
    ...(authentic === true ? { authentic } : {}),
  }))

/** Compact JSON: the content store compresses it. The same evidence is always the same text. */
export const formatEvidence = (recorded: Evidence): string => JSON.stringify(evidence.parse(recorded))

/** Throws what was wrong where: evidence that can't be read must not be taken for evidence of nothing. */
export const parseEvidence = (text: string): AnyEvidence => anyEvidence.parse(JSON.parse(text))
