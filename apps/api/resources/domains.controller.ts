import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { sameQuota } from '#domain/account/sending-quota'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { domainSettings, domainStream, type DomainSettings } from '#domain/hosted-domain/events'
import { MAILBOX_ROUTES, parseMailboxRoute } from '#domain/hosted-domain/mailbox-route'
import { ensureDkimKeys } from '#infra/commands/dkim-keys'
import { administeredDomains, isAdmin } from '../route/asker.ts'
import { created, nothing, ok, type Answer } from '../route/answer.ts'
import { definedOnly } from '../route/defined-only.ts'
import { pageOf, pageOfSorted, pageQuery } from '../route/paging.ts'
import { done } from '../route/outcome.ts'
import { invalid, notFound, Problem } from '../route/problem.ts'
import { commandsCarriedOut } from '../route/repeats.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import {
  BadSource,
  recipientSourceGiven,
  recipientSourceShown,
  sealedSource,
  shownSource,
  type RecipientSourceGiven,
} from './recipient-source.ts'
import { domainName, mailbox, password } from './shapes.ts'

const domainShape = domainSettings
  .extend({
    name: z.string(),
    recipientSource: recipientSourceShown,
    archiveByDefault: z
      .boolean()
      .describe('its accounts are subscribed to the archive where they don’t say themselves'),
    mailboxHostPasswordSet: z.boolean().describe('there is one for the user that its mailboxHost names'),
  })
  .meta({ id: 'Domain' })
const mailboxHost = domainSettings.shape.mailboxHost.refine((text) => parseMailboxRoute(text) !== null, MAILBOX_ROUTES)
const settings = domainSettings
  .extend({ mailboxHost, postmaster: mailbox.nullable(), recipientSource: recipientSourceGiven })
  .partial()
const mailboxHostPassword = password
  .nullable()
  .optional()
  .describe('for the user that `mailboxHost` names; never shown again; null takes it away')
const archiveByDefault = domainShape.shape.archiveByDefault.optional()
const params = z.object({ domain: domainName })
const ofDomain = ({ domain }: { domain: string }) => ({ domain })

const listDomains = route({
  verb: 'get',
  path: '/domains',
  tag: 'Domains',
  summary: 'Hosted domains',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:read' },
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'All of them; for a domain administrator, theirs', schema: pageOf(domainShape) } },
})

const addDomain = route({
  verb: 'post',
  path: '/domains',
  tag: 'Domains',
  summary: 'Host a domain',
  access: { who: ['admin'], scope: 'domains:write' },
  body: z.strictObject({ name: domainName, ...settings.shape, mailboxHostPassword, archiveByDefault }),
  answers: { 201: { is: 'It is hosted from the next SMTP command on', schema: domainShape } },
})

const showDomain = route({
  verb: 'get',
  path: '/domains/:domain',
  tag: 'Domains',
  summary: 'A hosted domain',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:read' },
  about: ofDomain,
  params,
  answers: { 200: { is: 'The domain', schema: domainShape } },
})

const changeDomain = route({
  verb: 'patch',
  path: '/domains/:domain',
  tag: 'Domains',
  summary: 'Change settings of a domain',
  description:
    'Where its mailboxes are (`mailboxHost` and its password), who knows its recipients (`recipientSource`), what its accounts may send (`sendingQuota`) and whether their mail is archived (`archiveByDefault`) is for administrators.',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:write' },
  about: ofDomain,
  params,
  body: z.strictObject({ ...settings.shape, mailboxHostPassword, archiveByDefault }),
  answers: { 200: { is: 'The domain as it is now', schema: domainShape } },
})

const removeDomain = route({
  verb: 'delete',
  path: '/domains/:domain',
  tag: 'Domains',
  summary: 'Host a domain no longer',
  description: 'Only when it has no address any more.',
  access: { who: ['admin'], scope: 'domains:write' },
  params,
  answers: { 204: { is: 'Removed' } },
})

@Controller()
export class DomainsController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(listDomains)
  async list(@TheCall() call: SignedCall<typeof listDomains>): Promise<Answer> {
    await Promise.all([this.#parts.hostedDomains.fresh(), this.#parts.archiveTerms.fresh()])
    const visible = administeredDomains(call.asker)
    const names = this.#parts.hostedDomains
      .names()
      .filter((name) => visible === null || visible.includes(name))
      .sort()
    const { items, next } = pageOfSorted(names, call.query, (name) => name)
    return ok({ items: items.map((name) => this.#shown(name)), next })
  }

  @Route(addDomain)
  async add(@TheCall() call: SignedCall<typeof addDomain>): Promise<Answer> {
    const { name, mailboxHostPassword: plain, recipientSource, archiveByDefault, ...given } = call.body
    const settings = { ...definedOnly(given), ...this.#source(name, recipientSource) }
    const command = { kind: 'add-domain', name, settings } as const
    const { events, position } = done(await this.#parts.commands.hostedDomain(name, command, call.asked()))
    // The command says nothing twice; to somebody who wants to make it, it is there already, unless by this very request.
    if (events.length === 0) {
      const before = await commandsCarriedOut(this.#parts, domainStream(name), call)
      if (!before.has(call.commandId())) throw new Problem('conflict', `${name} is hosted already.`)
    }
    const { actor, now, correlationId } = call.asked('dkim')
    done((await ensureDkimKeys(this.#parts, name, { actor, now, correlationId })) ?? {})
    const archives = await this.#setArchive(name, archiveByDefault, call)
    const set = await this.#setPassword(name, plain, call)
    return created(await this.#fresh(name), { position: set ?? archives ?? position })
  }

  @Route(showDomain)
  async show(@TheCall() call: SignedCall<typeof showDomain>): Promise<Answer> {
    return ok(await this.#fresh(call.params.domain))
  }

  @Route(changeDomain)
  async change(@TheCall() call: SignedCall<typeof changeDomain>): Promise<Answer> {
    const { domain } = call.params
    const { mailboxHostPassword: plain, recipientSource, archiveByDefault, ...given } = call.body
    await this.#parts.hostedDomains.fresh()
    const { mailboxHost: now, sendingQuota: quotaNow = null } = this.#parts.hostedDomains.current(domain) ?? {}
    if (!isAdmin(call.asker) && ((given.mailboxHost ?? now) !== now || plain !== undefined))
      throw new Problem('forbidden', 'Where the mailboxes of a domain are is for administrators to say.')
    if (!isAdmin(call.asker) && recipientSource !== undefined)
      throw new Problem('forbidden', 'Who knows the recipients of a domain is for administrators to say.')
    if (!isAdmin(call.asker) && given.sendingQuota !== undefined && !sameQuota(given.sendingQuota, quotaNow))
      throw new Problem('forbidden', 'What the accounts of a domain may send a day is for administrators to say.')
    if (!isAdmin(call.asker) && archiveByDefault !== undefined)
      throw new Problem('forbidden', 'Whose mail is archived is for administrators to say.')
    const changes = { ...definedOnly(given), ...this.#source(domain, recipientSource) }
    const position = await this.#command(domain, { kind: 'change-domain', changes }, call)
    const archives = await this.#setArchive(domain, archiveByDefault, call)
    const set = await this.#setPassword(domain, plain, call)
    return ok(await this.#fresh(domain), { position: set ?? archives ?? position })
  }

  @Route(removeDomain)
  async remove(@TheCall() call: SignedCall<typeof removeDomain>): Promise<Answer> {
    return nothing({ position: await this.#command(call.params.domain, { kind: 'remove-domain' }, call) })
  }

  #source(
    name: string,
    given: RecipientSourceGiven | undefined,
  ): { readonly recipientSource?: DomainSettings['recipientSource'] } {
    if (given === undefined) return {}
    const now = this.#parts.hostedDomains.current(name)?.recipientSource ?? 'own'
    const { secrets } = this.#parts
    try {
      return { recipientSource: sealedSource(given, now, (plain, purpose) => secrets.seal(plain, purpose), name) }
    } catch (error) {
      if (!(error instanceof BadSource)) throw error
      throw invalid(`body.recipientSource.${error.where}`, error.message)
    }
  }

  /** Answers the position of the change, null where there was none to make. */
  async #setPassword(name: string, plain: string | null | undefined, call: SignedCall) {
    if (plain === undefined) return null
    const sealed = plain === null ? null : this.#parts.secrets.seal(plain, `mailbox-host:${name}`)
    const command = { kind: 'set-mailbox-host-password', password: sealed } as const
    return done(await this.#parts.commands.hostedDomain(name, command, call.asked('password'))).position
  }

  async #setArchive(name: string, subscribed: boolean | undefined, call: SignedCall) {
    if (subscribed === undefined) return null
    const command = { kind: 'set-archive-default', subscribed } as const
    return done(await this.#parts.commands.hostedDomain(name, command, call.asked('archive'))).position
  }

  async #command(name: string, command: HostedDomainCommand, call: SignedCall) {
    return done(await this.#parts.commands.hostedDomain(name, command, call.asked())).position
  }

  async #fresh(name: string): Promise<object> {
    await Promise.all([this.#parts.hostedDomains.fresh(), this.#parts.archiveTerms.fresh()])
    return this.#shown(name)
  }

  #shown(name: string): object {
    const settings = this.#parts.hostedDomains.current(name)
    if (settings === null) throw notFound(`hosted domain ${name}`)
    const mailboxHostPasswordSet = this.#parts.hostedDomains.mailboxHostPassword(name) !== null
    return {
      name,
      ...settings,
      recipientSource: shownSource(settings.recipientSource),
      archiveByDefault: this.#parts.archiveTerms.defaultOf(name),
      mailboxHostPasswordSet,
    }
  }
}
