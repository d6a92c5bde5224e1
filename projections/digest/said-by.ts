import type { Instant } from '#domain/kernel/instant'
import { digestWishes, type DigestWishes } from '#domain/mailbox/digest-wishes'
import type { DigestDefaultRow } from './projection.ts'

export interface SaidWishes {
  readonly wishes: DigestWishes
  /** When the domain said so; what came before does not count. */
  readonly since: Instant
  readonly by: 'account' | 'domain' | 'policy'
}

/** What holds for an account: its own wishes (as its row has them), else its domain's, else policy's. */
export const saidBy = (
  own: string | null,
  ofDomain: DigestDefaultRow | undefined,
  policy: DigestWishes,
): SaidWishes => {
  if (own !== null) return { wishes: parsed(own), since: 0, by: 'account' }
  const since = ofDomain?.since ?? 0
  const stored = ofDomain?.wishes ?? null
  return stored === null ? { wishes: policy, since, by: 'policy' } : { wishes: parsed(stored), since, by: 'domain' }
}

const parsed = (stored: string): DigestWishes => digestWishes.parse(JSON.parse(stored))
