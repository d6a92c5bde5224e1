import type { ApiParts } from '../parts.ts'
import type { SignedCall } from './route.ts'

/** Acts whose events have no place for a reason: one that was given is kept in the process's log, beside who acted on what. */
export function logReason(
  { log }: Pick<ApiParts, 'log'>,
  call: SignedCall,
  act: string,
  on: Readonly<Record<string, unknown>>,
  reason: string | null,
): void {
  if (reason === null) return
  log.info({ id: call.requestId, act, ...on, by: call.asker.address, reason }, `${act}, with a reason`)
}
