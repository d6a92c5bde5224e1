import type { PolicyName } from './events.ts'

/** `document`: the whole of it; what is left out gets its default. `expectedVersion`: declined as `conflict` when another one is in force. */
interface SetPolicy {
  readonly kind: 'set-policy'
  readonly name: PolicyName
  readonly document: Readonly<Record<string, unknown>>
  readonly reason: string
  readonly expectedVersion?: number
}
export type PolicyCommand = SetPolicy
