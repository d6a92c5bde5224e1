import { domainOf } from '#domain/message/mailbox'
import type { Policies } from '#infra/commands/policies'
import type { ViewReader } from '#infra/views/port'
import { resolveRecipient } from '#projections/directory/resolve'

export interface TargetParts {
  readonly policies: Pick<Policies, 'current'>
  readonly views: Pick<ViewReader, 'get'>
}

/** Why mail for somebody in `domain` can not go on to an address, by the directory and the policy as they are; null: it can. */
export const problemWithTarget = ({ policies, views }: TargetParts, domain: string, target: string): string | null => {
  const found = resolveRecipient(target, (table, key) => views.get('directory', table, key))
  switch (found.kind) {
    case 'mailboxes':
      return null
    case 'unknown-recipient':
      return `there is no ${target}`
    case 'unknown-domain': {
      const { domains, outside } = policies.current('accounts').document.forwarding
      return (domains[domain] ?? outside) === 'allow'
        ? null
        : `${domainOf(target)} is not hosted here, and policy lets no mail of ${domain} be forwarded outside`
    }
  }
}
