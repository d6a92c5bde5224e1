import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NestFactory } from '@nestjs/core'
import { eventTypes } from '#domain/event-types'
import type { Instant } from '#domain/kernel/instant'
import { Indexing } from '#apps/archivist/indexing'
import { Projector } from '#apps/projector/projector'
import { ArchiveTerms } from '#infra/commands/archive-terms'
import { Commands } from '#infra/commands/commands'
import { CommandsModule } from '#infra/commands/commands.module'
import { aggregates } from '#infra/commands/aggregates'
import { DkimKeys } from '#infra/commands/dkim-keys'
import { HostedDomains } from '#infra/commands/hosted-domains'
import { Journal } from '#infra/commands/journal'
import { Policies } from '#infra/commands/policies'
import { ReturnAddresses } from '#infra/commands/return-addresses'
import { StreamStates } from '#infra/commands/stream-states'
import type { Config } from '#infra/config/load'
import { loadSecretKey, type SecretKey } from '#infra/config/secret-key'
import { Credentials } from '#infra/credentials/credentials'
import { openFsContentStore } from '#infra/content-store/fs/store'
import type { ContentStore } from '#infra/content-store/port'
import type { DnsResolver } from '#infra/dns/port'
import { systemResolver, type SystemResolver } from '#infra/dns/system-resolver'
import { createCodec } from '#infra/event-log/codec'
import { openEventLog } from '#infra/event-log/engines'
import type { EventLog } from '#infra/event-log/port'
import type { Logger } from '#infra/observability/logger'
import { openSearchReader } from '#infra/search/open'
import type { SearchReader } from '#infra/search/port'
import type { ViewReader } from '#infra/views/port'
import { timedContent, timedLog, type Timings } from './measured.ts'
import { logAddress } from './log-address.ts'
import { searchAddress } from './search-address.ts'

/** What every part stands on: the log, the contents, the views, and the one door for commands. */
export interface Foundation {
  readonly config: Config
  readonly logger: Logger
  readonly clock: () => Instant
  readonly folders: DataFolders
  readonly log: EventLog
  readonly content: ContentStore
  readonly projector: Projector
  readonly views: ViewReader
  /** Searches the archive. */
  readonly search: SearchReader
  /** Keeps the archive's index; runs once it is started. */
  readonly indexing: Indexing
  readonly commands: Commands
  readonly states: StreamStates
  readonly policies: Policies
  readonly hostedDomains: HostedDomains
  readonly archiveTerms: ArchiveTerms
  readonly dkimKeys: DkimKeys
  readonly returnAddresses: ReturnAddresses
  /** The one resolver of this process, on `dns.servers`. */
  readonly dns: SystemResolver
  /** A resolver that remembers nothing yet: for a look at what the DNS says now. */
  readonly freshDns: () => DnsResolver
  readonly journal: Journal
  readonly secrets: SecretKey
  readonly credentials: Credentials
  close(): Promise<void>
}

/** Where things are under `data`. */
export interface DataFolders {
  readonly events: string
  readonly content: string
  readonly views: string
  readonly mailboxes: string
}

export const dataFolders = (data: string, engine: Config['log']['engine'] = 'sqlite'): DataFolders => ({
  events: join(data, 'log', 'events.db'),
  content: join(data, 'content'),
  // Positions of one log mean nothing in another: views of each are kept apart.
  views: join(data, 'views', engine === 'sqlite' ? 'views.db' : `views-${engine}.db`),
  mailboxes: join(data, 'mailboxes'),
})

export interface FoundationOptions {
  readonly config: Config
  readonly logger: Logger
  readonly clock?: () => Instant
  /** Hears how long writing takes. */
  readonly timings?: Timings
  /** Names of the views that are needed; absent: all. */
  readonly onlyViews?: readonly string[] | undefined
}

/** Opens everything under `data`, or nothing: what was opened is closed again when a later one fails. */
export const openFoundation = async ({
  config,
  logger,
  clock = Date.now,
  timings = { appended: () => {}, put: () => {} },
  onlyViews,
}: FoundationOptions): Promise<Foundation> => {
  const folders = dataFolders(config.data, config.log.engine)
  await mkdir(config.data, { recursive: true, mode: 0o700 })
  const opened: (() => Promise<void>)[] = []
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one()
  }
  try {
    // The log first: it says clearly when another server has this data.
    const address = logAddress(config)
    const opening = await openEventLog(address, { codec: createCodec(eventTypes), now: clock })
    opened.push(() => opening.close())
    const log = timedLog(opening, timings)
    const secrets = await loadSecretKey(config)
    const store = await openFsContentStore({
      path: folders.content,
      onProblem: (error) => logger.warn({ err: error }, 'content store'),
    })
    const content = timedContent(store, timings)
    opened.push(() => content.close())
    const projector = new Projector({
      log: address,
      views: folders.views,
      ...(onlyViews === undefined ? {} : { only: onlyViews }),
    })
    await projector.start()
    opened.push(() => projector.stop())
    projector.listen({
      stopped: (view, reason) => logger.error({ view, reason }, 'a view has stopped; the others go on'),
      trouble: (reason) => reason !== null && logger.error({ reason }, 'projector'),
    })
    const index = searchAddress(config)
    const search = await openSearchReader(index)
    opened.push(() => search.close())
    const indexing = new Indexing({ log: address, content: folders.content, search: index }, (reason) => {
      if (reason === null) logger.info('the archive is indexed again')
      else logger.error({ reason }, 'the archive can not be indexed now, it is tried again')
    })
    opened.push(() => indexing.stop())
    const journal = new Journal(log, config.node.name, clock, (error) =>
      logger.error({ err: error }, 'refusals or accesses could not be written'),
    )
    opened.push(() => journal.flush())
    const context = await NestFactory.createApplicationContext(CommandsModule.over(log), {
      logger: false,
      abortOnError: false,
    })
    opened.push(() => context.close())
    const states = context.get(StreamStates)
    const policies = new Policies(log)
    const commands = context.get(Commands)
    return {
      config,
      logger,
      clock,
      folders,
      log,
      content,
      projector,
      views: projector.reader,
      search,
      indexing,
      commands,
      states,
      policies,
      hostedDomains: new HostedDomains(log),
      archiveTerms: new ArchiveTerms(log, policies),
      dkimKeys: new DkimKeys(log),
      returnAddresses: new ReturnAddresses({ log, commands, secrets, clock }),
      dns: systemResolver({ servers: config.dns.servers }),
      freshDns: () => systemResolver({ servers: config.dns.servers }),
      journal,
      secrets,
      credentials: new Credentials({
        find: async (address) =>
          (await states.loadNewest(aggregates.account, aggregates.account.stream(address))).state,
        policy: async () => {
          await policies.fresh()
          return policies.current('accounts').document
        },
        secrets,
      }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
