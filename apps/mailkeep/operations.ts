import type { z } from 'zod'
import { accountForwardingOperations } from './operations/account-forwarding.ts'
import { archiveOperations } from './operations/archive.ts'
import { archiveSearchOperations } from './operations/archive-search.ts'
import { accountStandingOperations } from './operations/account-standing.ts'
import { accountOperations } from './operations/accounts.ts'
import { domainDirectoryOperations } from './operations/domain-directory.ts'
import { domainCheckOperations } from './operations/domain-check.ts'
import { domainDkimOperations } from './operations/domain-dkim.ts'
import { domainOperations } from './operations/domains.ts'
import { mailOperations } from './operations/mails.ts'
import type { Operation } from './operations/operation.ts'
import { policyOperations } from './operations/policies.ts'
import { projectionOperations } from './operations/projections.ts'
import { quarantineOperations } from './operations/quarantine.ts'
import { queueOperations } from './operations/queue.ts'
import { reactionOperations } from './operations/reactions.ts'
import { simulationOperations } from './operations/simulations.ts'
import { statusOperations } from './operations/status.ts'
import { usageOperations } from './operations/usage.ts'

/** What the command line can ask of a running server, or do itself when none runs. */
export const operations = {
  ...statusOperations,
  ...domainOperations,
  ...domainDirectoryOperations,
  ...domainDkimOperations,
  ...domainCheckOperations,
  ...accountOperations,
  ...accountForwardingOperations,
  ...accountStandingOperations,
  ...archiveOperations,
  ...archiveSearchOperations,
  ...usageOperations,
  ...mailOperations,
  ...quarantineOperations,
  ...queueOperations,
  ...projectionOperations,
  ...policyOperations,
  ...simulationOperations,
  ...reactionOperations,
} as const satisfies Readonly<Record<string, Operation<z.ZodType, unknown>>>

export type OperationName = keyof typeof operations
export type GivenOf<Name extends OperationName> = z.input<(typeof operations)[Name]['given']>
export type ResultOf<Name extends OperationName> = Awaited<ReturnType<(typeof operations)[Name]['run']>>
