import { z } from 'zod'
import { instant } from '../kernel/instant.ts'
import { client } from '../message/client.ts'

/** One answer of the DNS: name, type, outcome, records. A tuple, since a mail has dozens of them. */
const dnsAnswer = z.tuple([z.string(), z.string(), z.string(), z.array(z.unknown())])

/**
 * What a verdict was made from, besides the bytes: with it (and the content, while that is kept) authentication, symbols and
 * disposition can be recomputed to the same result. A document in the content store, its hash in `Authenticated` and `Scored`.
 */
const evidence = z.object({
  format: z.literal(1),
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
})
export type Evidence = z.output<typeof evidence>

/** A DNS answer as `infra/dns` has it. */
export interface AnsweredQuestion {
  readonly name: string
  readonly type: string
  readonly outcome: string
  readonly records: readonly unknown[]
}

export const dnsEvidence = (answers: readonly AnsweredQuestion[]): Evidence['dns'] =>
  answers.map((answer) => [answer.name, answer.type, answer.outcome, [...answer.records]])

export const answersOf = (recorded: Evidence): AnsweredQuestion[] =>
  recorded.dns.map(([name, type, outcome, records]) => ({ name, type, outcome, records }))

/** Compact JSON: the content store compresses it. The same evidence is always the same text. */
export const formatEvidence = (recorded: Evidence): string => JSON.stringify(evidence.parse(recorded))

/** Throws what was wrong where: evidence that can't be read must not be taken for evidence of nothing. */
export const parseEvidence = (text: string): Evidence => evidence.parse(JSON.parse(text))
