import type { PolicyDocument } from '#domain/policy/documents'
import { isIn } from '#apps/mx/networks'
import type { SmtpLimits } from '#infra/smtp/port'
import type { Foundation } from './foundation.ts'

/** Both kinds of limits of one policy: asked for with every command, made once. */
const made = new WeakMap<PolicyDocument<'edge'>, { readonly usual: SmtpLimits; readonly exempt: SmtpLimits }>()

/** What policy says, as the listeners want it; exempt networks are not counted per address. */
export const smtpLimits = ({ policies }: Pick<Foundation, 'policies'>, address: string): SmtpLimits => {
  const { document } = policies.current('edge')
  let limits = made.get(document)
  if (limits === undefined) {
    const { backlog: _backlog, ...allowed } = document.limits
    const usual = { ...allowed, bareLineEnds: document.bareLineEnds }
    limits = { usual, exempt: { ...usual, connectionsPerAddress: usual.connections } }
    made.set(document, limits)
  }
  return isIn(document.exemptNetworks, address) ? limits.exempt : limits.usual
}
