import { randomUUID } from 'node:crypto'
import { isDeclined } from '#domain/kernel/decider'
import type { DirectoryEntry } from '#domain/hosted-domain/directory-plan'
import type { Instant } from '#domain/kernel/instant'
import type { Commands } from '#infra/commands/commands'
import type { Logger } from '#infra/observability/logger'

export interface AdoptParts {
  readonly commands: Pick<Commands, 'account' | 'hostedDomain'>
  readonly clock: () => Instant
  readonly logger: Logger
}

/** Accounts, aliases and groups that an LDAP directory has and we had not, as the nightly copy would make them: each step is idempotent. */
export const adoptEntries = async (
  { commands, clock, logger }: AdoptParts,
  domain: string,
  entries: readonly DirectoryEntry[],
): Promise<void> => {
  const now = clock()
  const attempt = randomUUID()
  const asked = (step: string) => ({
    actor: { kind: 'system', part: 'mx' } as const,
    now,
    commandId: `directory/${domain}/${attempt}/${step}`,
    correlationId: `directory/${domain}`,
  })
  const people = entries.filter((entry) => entry.kind === 'account')
  const adopted = await commands.hostedDomain(
    domain,
    {
      kind: 'adopt-addresses',
      accounts: people.map(({ address }) => address),
      aliases: people.flatMap(({ address: account, aliases }) => aliases.map((address) => ({ address, account }))),
    },
    asked(`adopt ${entries[0]?.address ?? ''}`),
  )
  if (isDeclined(adopted)) return logger.warn({ domain, reason: adopted.reason }, 'addresses could not be copied')
  for (const { address, displayName } of people) {
    if (adopted.state?.addresses.get(address)?.source !== 'ldap') continue
    const created = await commands.account(
      address,
      {
        kind: 'create-account',
        address,
        profile: { displayName, timeZone: 'UTC', language: 'en', quota: null },
        roles: ['user'],
        asker: { kind: 'system' },
        source: 'ldap',
      },
      asked(`create ${address}`),
    )
    // A conflict: it is there already.
    if (isDeclined(created) && created.code !== 'conflict')
      logger.warn({ account: address, reason: created.reason }, 'an account could not be copied')
  }
  for (const { address, displayName, members } of entries.filter((entry) => entry.kind === 'group')) {
    const defined = await commands.hostedDomain(
      domain,
      { kind: 'define-group', address, displayName, members, source: 'ldap' },
      asked(`group ${address}`),
    )
    if (isDeclined(defined)) logger.warn({ group: address, reason: defined.reason }, 'a group could not be copied')
  }
}
