import type { ApiParts } from '../parts.ts'
import type { SignedCall } from './route.ts'

/** Acts whose events have no place for a reason: one that was given is kept in the process's log, beside who acted on what. */
export function logReason(
  { log }: Pick<ApiParts, 'log'>,
  call: SignedCall,
  act: string,
  on: { readonly mail: string; readonly recipient: string },
  reason: string | null,
): void {
  if (reason === null) return
  const { mail, recipient } = on
  log.info({ id: call.requestId, act, mail, recipient, by: call.asker.address, reason }, `${act}, with a reason`)
}
