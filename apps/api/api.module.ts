import { type DynamicModule, Module, type Type } from '@nestjs/common'
import { ArchiveAccounts } from './archive/archive-accounts.ts'
import { ArchiveAccountsController } from './archive/archive-accounts.controller.ts'
import { ArchiveMailsController } from './archive/archive-mails.controller.ts'
import { ArchiveSearch } from './archive/search.ts'
import { ArchiveReading } from './archive/reading.ts'
import { SignIn } from './auth/sign-in.ts'
import { DigestController } from './digest/digest.controller.ts'
import { DocsController } from './docs/docs.controller.ts'
import { HealthController } from './health/health.controller.ts'
import { LinkActs } from './links/link-acts.ts'
import { LinksController } from './links/links.controller.ts'
import { ContentController } from './mails/content.controller.ts'
import { MailStream } from './mails/mail-stream.ts'
import { MailsController } from './mails/mails.controller.ts'
import { Trace } from './mails/trace.ts'
import { AlarmsController } from './operations/alarms.controller.ts'
import { AuditController } from './operations/audit.controller.ts'
import { PoliciesController } from './operations/policies.controller.ts'
import { ProjectionsController } from './operations/projections.controller.ts'
import { ReactionsController } from './operations/reactions.controller.ts'
import { QueueBulkController } from './operations/queue-bulk.controller.ts'
import { QueueController } from './operations/queue.controller.ts'
import { RefusalsController } from './operations/refusals.controller.ts'
import { SimulationsController } from './operations/simulations.controller.ts'
import { UndeliverableController } from './operations/undeliverable.controller.ts'
import { UsageController } from './operations/usage.controller.ts'
import { PageController } from './page/page.controller.ts'
import type { ApiParts } from './parts.ts'
import { Previews } from './quarantine/preview.ts'
import { QuarantineBulkController } from './quarantine/quarantine-bulk.controller.ts'
import { QuarantineReads } from './quarantine/quarantine-reads.ts'
import { QuarantineController } from './quarantine/quarantine.controller.ts'
import { QuarantineActs } from './quarantine/release.ts'
import { AccountAppPasswordsController } from './resources/account-app-passwords.controller.ts'
import { AccountChanges } from './resources/account-changes.ts'
import { AccountForwarding } from './resources/account-forwarding.ts'
import { AccountStanding } from './resources/account-standing.ts'
import { AccountsController } from './resources/accounts.controller.ts'
import { ApprovalsController } from './resources/approvals.controller.ts'
import { DirectoryReads } from './resources/directory-reads.ts'
import { DomainCheckController } from './resources/domain-check.controller.ts'
import { DomainDirectoryController } from './resources/domain-directory.controller.ts'
import { DomainDkimController } from './resources/domain-dkim.controller.ts'
import { DomainsController } from './resources/domains.controller.ts'
import { GroupMembers } from './resources/group-members.ts'
import { GroupsController } from './resources/groups.controller.ts'
import { ListedSenders } from './resources/listed-senders.ts'
import { ListOwners } from './resources/list-owners.ts'
import { Officers } from './resources/officers.ts'
import { AllowListController, BlockListController } from './resources/sender-lists.controller.ts'
import { SessionController } from './resources/session.controller.ts'
import { TokensController } from './resources/tokens.controller.ts'
import { routingOf } from './route/routing.ts'

/** A resource is here or it is not served, not documented and not in the role matrix. */
export const CONTROLLERS: readonly Type[] = [
  SessionController,
  TokensController,
  DomainsController,
  DomainDirectoryController,
  DomainDkimController,
  DomainCheckController,
  AccountsController,
  AccountAppPasswordsController,
  GroupsController,
  AllowListController,
  BlockListController,
  ApprovalsController,
  QuarantineBulkController,
  QuarantineController,
  MailsController,
  ContentController,
  RefusalsController,
  QueueController,
  QueueBulkController,
  UndeliverableController,
  SimulationsController,
  PoliciesController,
  UsageController,
  ArchiveAccountsController,
  ArchiveMailsController,
  AlarmsController,
  ProjectionsController,
  ReactionsController,
  AuditController,
  HealthController,
  DocsController,
  DigestController,
  LinksController,
  PageController,
]

/** The REST API, over what it is given. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
export class ApiModule {
  static over(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [...CONTROLLERS],
      providers: [
        ...routingOf(parts, CONTROLLERS),
        SignIn,
        DirectoryReads,
        GroupMembers,
        ListOwners,
        ListedSenders,
        Officers,
        AccountForwarding,
        AccountStanding,
        AccountChanges,
        MailStream,
        Trace,
        ArchiveAccounts,
        ArchiveReading,
        ArchiveSearch,
        QuarantineReads,
        QuarantineActs,
        Previews,
        LinkActs,
      ],
    }
  }
}
