import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { nextDue, wallClock } from '#domain/digest/schedule'
import { digestWishes, type DigestWishes } from '#domain/mailbox/digest-wishes'
import { domainOf } from '#domain/message/mailbox'
import { aggregates } from '#infra/commands/aggregates'
import { Accounts } from '../auth/accounts.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { ListOwners } from '../resources/list-owners.ts'
import { domainName, mailbox, time, toTimeOrNull } from '../resources/shapes.ts'
import { ok, type Answer } from '../route/answer.ts'
import { definedOnly } from '../route/defined-only.ts'
import { done } from '../route/outcome.ts'
import { invalid, notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'

const tag = 'Digest'
const VIEW = 'digest'
const from = z.enum(['account', 'domain', 'policy']).describe('who says so')
const wishesShape = z.object({
  times: z.array(z.string()).describe('`HH:MM` in the zone of the account; none: no digest'),
  days: digestWishes.shape.days,
  when: digestWishes.shape.when.describe('`traffic`: when there is anything to tell; `held`: only when mail is held'),
  from,
})
const ofAccount = wishesShape
  .extend({
    address: z.string(),
    timeZone: z.string(),
    nextAt: time.nullable(),
    lastAt: time.nullable().describe('the end of the last window'),
  })
  .meta({ id: 'Digest' })
const ofDomain = wishesShape.extend({ domain: z.string() }).meta({ id: 'DomainDigest' })
const changes = digestWishes
  .partial()
  .extend({ useDefault: z.literal(true).optional().describe('forget what was set here') })
  .strict()

const accountParams = z.object({ address: mailbox })
const aboutAccount = ({ address }: { address: string }) => ({ account: address })
const domainParams = z.object({ domain: domainName })
const aboutDomain = ({ domain }: { domain: string }) => ({ domain })
const reads = { who: ['self', 'domain-admin'], scope: 'lists:read' } as const
const writes = { who: ['self', 'domain-admin'], scope: 'lists:write' } as const

const showDigest = route({
  verb: 'get',
  path: '/accounts/:address/digest',
  tag,
  summary: 'When an account gets its digest',
  access: reads,
  about: aboutAccount,
  params: accountParams,
  answers: { 200: { is: 'Its wishes, or what holds without any', schema: ofAccount } },
  views: [VIEW],
})
const changeDigest = route({
  verb: 'patch',
  path: '/accounts/:address/digest',
  tag,
  summary: 'Change when an account gets its digest',
  description: 'What is not named stays as it is. A change counts from the next time on.',
  access: writes,
  about: aboutAccount,
  params: accountParams,
  body: changes,
  answers: { 200: { is: 'Changed', schema: ofAccount } },
})
const sendDigest = route({
  verb: 'post',
  path: '/accounts/:address/digest/send',
  tag,
  summary: 'Send a digest now',
  description: 'Of what came since the last one; the next one tells the same again.',
  access: writes,
  about: aboutAccount,
  params: accountParams,
  answers: { 202: { is: 'Accepted as a mail', schema: z.object({ mail: z.string() }) } },
})
const previewDigest = route({
  verb: 'get',
  path: '/accounts/:address/digest/preview',
  tag,
  summary: 'What a digest would say now',
  description: 'For the account itself, for its links act.',
  access: { who: ['self'], scope: null },
  about: aboutAccount,
  params: accountParams,
  answers: {
    200: { is: 'The mail', schema: z.object({ subject: z.string(), text: z.string(), html: z.string() }) },
  },
  views: [VIEW, 'quarantine'],
})
const showDomainDigest = route({
  verb: 'get',
  path: '/domains/:domain/digest',
  tag,
  summary: 'When accounts of a domain get their digest unless they say otherwise',
  access: { who: ['domain-admin'], scope: 'lists:read' },
  about: aboutDomain,
  params: domainParams,
  answers: { 200: { is: 'What the domain says, or policy', schema: ofDomain } },
})
const changeDomainDigest = route({
  verb: 'patch',
  path: '/domains/:domain/digest',
  tag,
  summary: 'Change when accounts of a domain get their digest',
  access: { who: ['domain-admin'], scope: 'lists:write' },
  about: aboutDomain,
  params: domainParams,
  body: changes,
  answers: { 200: { is: 'Changed', schema: ofDomain } },
})

/** Digest wishes of accounts and domains; digests beside the daily one. */
@Controller()
export class DigestController {
  readonly #parts: ApiParts
  readonly #owners: ListOwners
  readonly #accounts: Accounts

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(ListOwners) owners: ListOwners,
    @Inject(Accounts) accounts: Accounts,
  ) {
    this.#parts = parts
    this.#owners = owners
    this.#accounts = accounts
  }

  @Route(showDigest)
  async show(@TheCall() call: SignedCall<typeof showDigest>): Promise<Answer> {
    return ok(await this.#ofAccount(await this.#owners.mailbox(call.params.address), call.now))
  }

  @Route(changeDigest)
  async change(@TheCall() call: SignedCall<typeof changeDigest>): Promise<Answer> {
    const owner = await this.#owners.mailboxToChange(call.params.address, call)
    const position = await this.#change(owner, (await this.#saidFor(owner)).wishes, call)
    return ok(await this.#ofAccount(owner, call.now), { position })
  }

  @Route(sendDigest)
  async send(@TheCall() call: SignedCall<typeof sendDigest>): Promise<Answer> {
    const mail = await this.#parts.digests.send(await this.#owners.mailboxToChange(call.params.address, call))
    if (mail === null) throw notFound(`account ${call.params.address}`)
    return { status: 202, body: { mail } }
  }

  @Route(previewDigest)
  async preview(@TheCall() call: SignedCall<typeof previewDigest>): Promise<Answer> {
    const composed = await this.#parts.digests.preview(await this.#owners.mailbox(call.params.address))
    if (composed === null) throw notFound(`account ${call.params.address}`)
    return ok(composed)
  }

  @Route(showDomainDigest)
  async showDomain(@TheCall() call: SignedCall<typeof showDomainDigest>): Promise<Answer> {
    const owner = await this.#owners.domain(call.params.domain)
    return ok(await this.#ofDomain(owner, call.params.domain))
  }

  @Route(changeDomainDigest)
  async changeDomain(@TheCall() call: SignedCall<typeof changeDomainDigest>): Promise<Answer> {
    const owner = await this.#owners.domain(call.params.domain)
    const position = await this.#change(owner, (await this.#saidFor(owner)).wishes, call)
    return ok(await this.#ofDomain(owner, call.params.domain), { position })
  }

  async #change(
    owner: string,
    before: DigestWishes,
    call: SignedCall<typeof changeDigest> | SignedCall<typeof changeDomainDigest>,
  ) {
    const { useDefault, ...given } = call.body
    if (useDefault === true && Object.keys(given).length > 0)
      throw invalid('body.useDefault', 'expected alone, or not at all')
    const wishes = useDefault === true ? null : { ...before, ...definedOnly(given) }
    const command = { kind: 'set-digest-wishes', wishes } as const
    return done(await this.#parts.commands.mailbox(owner, command, call.asked())).position
  }

  /** From the streams themselves: what was changed holds for the very next answer. */
  async #saidFor(owner: string): Promise<{ wishes: DigestWishes; from: z.output<typeof from> }> {
    const domain = owner.startsWith('@') ? owner : `@${domainOf(owner)}`
    const own = await this.#wishesIn(owner)
    if (own !== null) return { wishes: own, from: owner === domain ? 'domain' : 'account' }
    const theirs = owner === domain ? null : await this.#wishesIn(domain)
    if (theirs !== null) return { wishes: theirs, from: 'domain' }
    await this.#parts.policies.fresh()
    return { wishes: this.#parts.policies.current('digest').document.wishes, from: 'policy' }
  }

  async #wishesIn(owner: string): Promise<DigestWishes | null> {
    const stream = aggregates.mailbox.stream(owner)
    return (await this.#parts.states.loadNewest(aggregates.mailbox, stream)).state.digest
  }

  async #ofAccount(address: string, now: number) {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    const { wishes, from } = await this.#saidFor(address)
    const { state } = await this.#parts.states.loadNewest(aggregates.digest, aggregates.digest.stream(address))
    const { timeZone } = account
    return {
      address,
      ...wishes,
      from,
      timeZone,
      nextAt: toTimeOrNull(nextDue(wishes, wallClock(timeZone), now)),
      lastAt: toTimeOrNull(state.closedAt),
    }
  }

  async #ofDomain(owner: string, domain: string) {
    const { wishes, from } = await this.#saidFor(owner)
    return { domain, ...wishes, from }
  }
}
