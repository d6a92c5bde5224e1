import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Asked } from '#infra/commands/execute'
import type { Asker } from './asker.ts'

/** What the pipeline found out about a request besides its own values. */
export interface CallContext {
  /** Null only on routes for `anyone`. */
  readonly asker: Asker | null
  /** IP address of the client, through trusted proxies. */
  readonly clientAddress: string
  readonly now: number
  /** The id under which problems of this request are logged. */
  readonly requestId: string
  /** What an officer gave in `Mailkeep-Reason`. */
  readonly reason: string | null
  /** The request came by https, to us or to a trusted proxy. */
  readonly secure: boolean
  /**
   * Id of the command this request is: derived from the Idempotency-Key where one was given, so that the log recognises a repeat even
   * after a restart; else fresh. `part` tells several commands of one request apart.
   */
  commandId(part?: string): string
  /** True when `commandId` comes from an Idempotency-Key. */
  readonly keyed: boolean
  /** As the command side wants it; only for who is signed in. */
  asked(part?: string): Asked
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}
