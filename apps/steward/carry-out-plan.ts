import { type Declined, isDeclined } from '#domain/kernel/decider'
import type { AccountCommand } from '#domain/account/commands'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { MOST_ADOPTED } from '#domain/hosted-domain/directory-copy'
import type { DirectoryPlan } from '#domain/hosted-domain/directory-plan'
import type { DirectorySyncedCounts } from '#domain/hosted-domain/events'
import type { Address } from '#domain/message/mailbox'
import type { StewardParts } from './steward-parts.ts'

/** Accounts changed at a time. */
const AT_A_TIME = 16
const PER_COMMAND = MOST_ADOPTED / 2

/** Does what a plan says, in an order in which a crash anywhere leaves only work for the next copy: idempotent in every step. */
export const carryOutPlan = async (
  { clock, commands, logger }: Pick<StewardParts, 'clock' | 'commands' | 'logger'>,
  domain: string,
  plan: DirectoryPlan,
  attempt: string,
  signal: AbortSignal,
): Promise<DirectorySyncedCounts> => {
  const asked = (step: string) => ({
    actor: { kind: 'system', part: 'steward' } as const,
    now: clock(),
    commandId: `directory/${domain}/${attempt}/${step}`,
    correlationId: `directory/${domain}`,
  })
  let declined = 0
  const told = (about: string, outcome: object | Declined): void => {
    if (!isDeclined(outcome)) return
    declined += 1
    logger.warn({ domain, about, reason: outcome.reason }, 'not copied from the LDAP directory')
  }
  const tellDomain = async (step: string, command: HostedDomainCommand): Promise<void> =>
    told(step, await commands.hostedDomain(domain, command, asked(step)))
  const tellAccounts = async <Each extends { readonly address: Address }>(
    step: string,
    each: readonly Each[],
    command: (one: Each) => AccountCommand,
  ): Promise<void> => {
    for (const some of inParts(each, AT_A_TIME)) {
      signal.throwIfAborted()
      await Promise.all(
        some.map(async (one) =>
          told(one.address, await commands.account(one.address, command(one), asked(`${step} ${one.address}`))),
        ),
      )
    }
  }
  const asker = { kind: 'system' } as const

  await tellAccounts(
    'delete',
    plan.leaving.map((address) => ({ address })),
    () => ({ kind: 'delete-account', asker }),
  )
  for (const [at, addresses] of inParts(plan.withdrawn, PER_COMMAND).entries())
    await tellDomain(`withdraw ${at}`, { kind: 'withdraw-addresses', addresses })
  for (const [at, accounts] of inParts(plan.claimed, PER_COMMAND).entries())
    await tellDomain(`adopt ${at}`, { kind: 'adopt-addresses', accounts, aliases: [] })
  await tellAccounts('create', plan.joining, ({ address, displayName }) => ({
    kind: 'create-account',
    address,
    profile: { displayName, timeZone: 'UTC', language: 'en', quota: null },
    roles: ['user'],
    asker,
    source: 'ldap',
  }))
  await tellAccounts('rename', plan.renamed, ({ displayName }) => ({
    kind: 'change-profile',
    changes: { displayName },
    asker,
  }))
  for (const [at, aliases] of inParts(plan.aliases, PER_COMMAND).entries())
    await tellDomain(`alias ${at}`, { kind: 'adopt-addresses', accounts: [], aliases })
  for (const { address, displayName, members } of plan.groups) {
    signal.throwIfAborted()
    await tellDomain(`group ${address}`, { kind: 'define-group', address, displayName, members, source: 'ldap' })
  }
  const { found, created, removed, renamed, groups, left } = plan
  return { found, created, removed, changed: renamed.length + groups.length - created.groups, left: left + declined }
}

const inParts = <Each>(all: readonly Each[], size: number): Each[][] => {
  const parts: Each[][] = []
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size))
  return parts
}
