import { join } from 'node:path'
import { pino } from 'pino'
import { NestFactory } from '@nestjs/core'
import { createApi, type Api } from '#apps/api/api'
import { Credentials } from '#infra/credentials/credentials'
import { Passwords } from '#infra/credentials/passwords'
import type { ApiLog, ApiParts } from '#apps/api/parts'
import { Digests } from '#apps/projector/digests/digests'
import { Projector } from '#apps/projector/projector'
import type { Role } from '#domain/account/events'
import { eventTypes } from '#domain/event-types'
import { isDeclined } from '#domain/kernel/decider'
import type { MailCommand } from '#domain/mail/commands'
import type { Recipient } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import { ArchiveTerms } from '#infra/commands/archive-terms'
import { Commands } from '#infra/commands/commands'
import { CommandsModule } from '#infra/commands/commands.module'
import { DkimKeys } from '#infra/commands/dkim-keys'
import { HostedDomains } from '#infra/commands/hosted-domains'
import { Journal } from '#infra/commands/journal'
import { Policies } from '#infra/commands/policies'
import { StreamStates } from '#infra/commands/stream-states'
import { secretKeyFrom } from '#infra/config/secret-key'
import { openFsContentStore } from '#infra/content-store/fs/store'
import { createCodec } from '#infra/event-log/codec'
import type { EventLog } from '#infra/event-log/port'
import { openFtsReader } from '#infra/search/fts/fts-reader'
import { openSqliteEventLog } from '#infra/event-log/sqlite/open'
import { createMetrics } from '#infra/observability/metrics'
import { ApiClient } from './api-client.ts'
import { scriptedDns } from './dns.ts'
import { accept } from './mail.ts'

/** When specs of the API begin; `clock.now` moves on by hand. */
const API_BEGINS = 1_767_225_600_000
export const PASSWORD = 'correct horse battery'

interface Logged {
  readonly level: 'error' | 'warn' | 'info'
  readonly about: object
  readonly sentence: string
}

/** The API over real parts in a folder of its own: SQLite log, content store, projector; sent requests without a socket. */
export class ApiUnderTest {
  readonly parts: ApiParts
  readonly api: Api
  readonly clock: { now: number }
  /** What was logged, for specs about problems. */
  readonly logged: readonly Logged[]
  readonly #close: () => Promise<void>
  #mails = 0

  constructor(
    parts: ApiParts,
    api: Api,
    clock: { now: number },
    logged: readonly Logged[],
    close: () => Promise<void>,
  ) {
    this.parts = parts
    this.api = api
    this.clock = clock
    this.logged = logged
    this.#close = close
  }

  get anonymous(): ApiClient {
    return new ApiClient(this.api.app, {})
  }

  /** Signed in with the password that all accounts of specs have. */
  async as(address: string): Promise<ApiClient> {
    const answer = await this.anonymous.post('/session', { address, password: PASSWORD })
    if (answer.status !== 201) throw new Error(`${address} could not sign in: ${answer.text}`)
    return new ApiClient(this.api.app, { authorization: `Bearer ${String(answer.json['token'])}` })
  }

  async withToken(address: string, scopes: readonly string[]): Promise<ApiClient> {
    const answer = await (await this.as(address)).post('/tokens', { name: 'spec', scopes })
    if (answer.status !== 201) throw new Error(`no token for ${address}: ${answer.text}`)
    return new ApiClient(this.api.app, { authorization: `Bearer ${String(answer.json['token'])}` })
  }

  async domain(name: string): Promise<void> {
    const outcome = await this.parts.commands.hostedDomain(
      name,
      { kind: 'add-domain', name, settings: {} },
      this.asked(),
    )
    if (isDeclined(outcome)) throw new Error(outcome.reason)
  }

  async account(address: string, roles: readonly Role[] = ['user']): Promise<void> {
    const asker = { kind: 'system' } as const
    const { commands } = this.parts
    const profile = { displayName: address, timeZone: 'UTC', language: 'en', quota: null }
    const hash = await samePassword(this.parts, address)
    for (const outcome of [
      await commands.hostedDomain(domainOf(address), { kind: 'claim-address', address }, this.asked()),
      await commands.account(address, { kind: 'create-account', address, profile, roles, asker }, this.asked()),
      await commands.account(address, { kind: 'set-password', hash, asker, approved: true }, this.asked()),
    ]) {
      if (isDeclined(outcome)) throw new Error(outcome.reason)
    }
  }

  /** A mail that was accepted, with its content; then the commands given. Answers its id. */
  async mail(
    to: readonly Pick<Recipient, 'address' | 'mailbox' | 'forward'>[],
    changes: Parameters<typeof accept>[2] = {},
    ...then: readonly MailCommand[]
  ): Promise<string> {
    const id = `01JNA${String(++this.#mails).padStart(21, '0')}`
    const text = `From: Sender <sender@example.net>\r\nTo: ${to[0]?.address}\r\nSubject: Hello\r\n\r\nHello number ${this.#mails}\r\n`
    const { hash, size } = await this.parts.content.put(Buffer.from(text))
    const recipients = to.map((one) => ({ ...one, route: 'mailbox' as const }))
    await this.mailCommand(
      id,
      accept(recipients, changes.flow ?? 'inbound', {
        contentHash: hash,
        size,
        acceptedAt: this.clock.now,
        ...changes,
      }),
    )
    for (const command of then) await this.mailCommand(id, command)
    return id
  }

  async mailCommand(id: string, command: MailCommand): Promise<void> {
    const outcome = await this.parts.commands.mail(id, command, this.asked())
    if (isDeclined(outcome)) throw new Error(`${command.kind}: ${outcome.reason}`)
  }

  /** Until all views have read the whole log. */
  async settled(): Promise<void> {
    const position = await this.parts.events.lastPosition()
    if (position === null) return
    for (const { name } of this.parts.projections.status()) await this.parts.views.caughtUp(name, position)
  }

  asked() {
    const commandId = crypto.randomUUID()
    return {
      actor: { kind: 'system', part: 'spec' } as const,
      now: this.clock.now,
      commandId,
      correlationId: commandId,
    }
  }

  close(): Promise<void> {
    return this.#close()
  }
}

export const startApi = async (folder: string, changes: Partial<ApiParts> = {}): Promise<ApiUnderTest> => {
  const clock = { now: API_BEGINS }
  const now = (): number => clock.now
  const logged: Logged[] = []
  const path = join(folder, 'log', 'events.db')
  const events: EventLog = await openSqliteEventLog({ path, codec: createCodec(eventTypes), now })
  const content = await openFsContentStore({
    path: join(folder, 'content'),
    onProblem: (error) => logged.push({ level: 'error', about: error, sentence: error.message }),
  })
  const projector = new Projector({ log: { engine: 'sqlite', path }, views: join(folder, 'views.db') })
  await projector.start()
  const context = await NestFactory.createApplicationContext(CommandsModule.over(events), {
    logger: false,
    abortOnError: false,
  })
  const metrics = createMetrics({ process: false })
  const search = openFtsReader(join(folder, 'search', 'archive.db'))
  const journal = new Journal(events, 'spec', now, (error) =>
    logged.push({ level: 'error', about: error, sentence: error.message }),
  )
  const states = context.get(StreamStates)
  const policies = new Policies(events)
  const secrets = secretKeyFrom(Buffer.alloc(32, 7))
  const parts: ApiParts = {
    log: keeping(logged),
    events,
    content,
    views: projector.reader,
    commands: context.get(Commands),
    states,
    journal,
    policies,
    hostedDomains: new HostedDomains(events),
    archiveTerms: new ArchiveTerms(events, policies),
    search,
    dkimKeys: new DkimKeys(events),
    hostname: 'mx.one.test',
    freshDns: () => scriptedDns(),
    secrets,
    credentials: new Credentials({
      find: async (address) => (await states.loadNewest(aggregates.account, aggregates.account.stream(address))).state,
      policy: async () => {
        await policies.fresh()
        return policies.current('accounts').document
      },
      secrets,
      wait: () => Promise.resolve(),
    }),
    projections: {
      status: () => projector.status().views,
      rebuild: (name) => projector.rebuild(name),
      verify: (name) => projector.verify(name),
    },
    digests: new Digests({
      log: events,
      commands: context.get(Commands),
      content,
      policies,
      secrets,
      views: projector.reader,
      clock: now,
      logger: pino({ level: 'silent' }),
      hostname: 'mx.one.test',
      publicUrl: () => 'http://mail.one.test',
    }),
    readiness: { problems: () => [] },
    metrics: { contentType: metrics.contentType, text: metrics.text },
    now,
    trustedProxies: [],
    checkAnswers: true,
    ...changes,
  }
  const api = await createApi(parts)
  return new ApiUnderTest(parts, api, clock, logged, async () => {
    await api.close()
    await search.close()
    await journal.flush()
    await context.close()
    await projector.stop()
    await content.close()
    await events.close()
  })
}

const keeping = (logged: Logged[]): ApiLog => {
  const keep = (level: Logged['level']) => (about: object, sentence: string) =>
    void logged.push({ level, about, sentence })
  return { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: () => {} }
}

/** Hashing takes its time on purpose: accounts of specs share a password, each seals its own hash. */
const samePassword = (parts: ApiParts, address: string) => new Passwords(parts.secrets).seal(address, PASSWORD)
