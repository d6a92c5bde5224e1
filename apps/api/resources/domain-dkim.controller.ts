import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { type DkimCommand } from '#domain/hosted-domain/dkim'
import { domainStream } from '#domain/hosted-domain/events'
import { ensureDkimKeys, rotateDkimKeys } from '#infra/commands/dkim-keys'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { type Answer, created, ok } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { notFound } from '../route/problem.ts'
import { commandsCarriedOut } from '../route/repeats.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { dkimKeysShape, shownDkimKeys } from './dkim-keys-shown.ts'
import { domainName } from './shapes.ts'

const params = z.object({ domain: domainName })
const ofDomain = ({ domain }: { domain: string }) => ({ domain })
const selector = z.string().min(1).max(63)
const writes = { who: ['admin', 'domain-admin'], scope: 'domains:write' } as const

const showKeys = route({
  verb: 'get',
  path: '/domains/:domain/dkim',
  tag: 'Domains',
  summary: 'DKIM keys, their records, and which of them sign',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:read' },
  about: ofDomain,
  params,
  answers: { 200: { is: 'The keys; private ones are never shown', schema: dkimKeysShape } },
})

const addKeys = route({
  verb: 'post',
  path: '/domains/:domain/dkim/keys',
  tag: 'Domains',
  summary: 'Make new DKIM keys, to take the place of those that sign',
  description:
    'Publish their records: as soon as they are seen, mail is signed with the new keys. The records of the old ones have to stay for a while after that.',
  access: writes,
  about: ofDomain,
  params,
  body: z.strictObject({}).prefault({}),
  answers: { 201: { is: 'All keys as they are now', schema: dkimKeysShape } },
})

const startSigning = route({
  verb: 'post',
  path: '/domains/:domain/dkim/start',
  tag: 'Domains',
  summary: 'Sign with these keys from now on, published or not',
  description:
    'Needed only where their records can not be seen from here: signatures whose record nobody finds are worth nothing.',
  access: writes,
  about: ofDomain,
  params,
  body: z.strictObject({ selectors: z.array(selector).min(1).max(16).optional().describe('absent: all that wait') }),
  answers: { 200: { is: 'All keys as they are now', schema: dkimKeysShape } },
})

const retireKey = route({
  verb: 'post',
  path: '/domains/:domain/dkim/retire',
  tag: 'Domains',
  summary: 'Never sign with this key again; its private part is forgotten',
  access: writes,
  about: ofDomain,
  params,
  body: z.strictObject({
    selector,
    force: z.boolean().default(false).describe('also when mail is signed with it now: then it is not, from now on'),
  }),
  answers: { 200: { is: 'All keys as they are now', schema: dkimKeysShape } },
})

@Controller()
export class DomainDkimController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(showKeys)
  async show(@TheCall() call: SignedCall<typeof showKeys>): Promise<Answer> {
    return ok(await this.#shown(call.params.domain))
  }

  @Route(addKeys)
  async add(@TheCall() call: SignedCall<typeof addKeys>): Promise<Answer> {
    const { domain } = call.params
    await this.#hosted(domain)
    // The same request again makes no second pair.
    const before = await commandsCarriedOut(this.#parts, domainStream(domain), call)
    if (before.has(call.commandId())) return created(await this.#shown(domain))
    const first = await ensureDkimKeys(this.#parts, domain, call.asked())
    const { position } = done(first ?? (await rotateDkimKeys(this.#parts, domain, call.asked())))
    return created(await this.#shown(domain), { position })
  }

  @Route(startSigning)
  async start(@TheCall() call: SignedCall<typeof startSigning>): Promise<Answer> {
    const { domain } = call.params
    await this.#hosted(domain)
    const waiting = this.#parts.dkimKeys.of(domain).filter(({ state }) => state === 'waiting')
    const selectors = call.body.selectors ?? waiting.map((key) => key.selector)
    return this.#command(
      { kind: 'start-dkim-signing', selectors, because: 'administrator', now: this.#parts.now() },
      call,
    )
  }

  @Route(retireKey)
  async retire(@TheCall() call: SignedCall<typeof retireKey>): Promise<Answer> {
    return this.#command({ kind: 'retire-dkim-key', ...call.body, now: this.#parts.now() }, call)
  }

  async #command(command: DkimCommand, call: SignedCall & { readonly params: { readonly domain: string } }) {
    const { domain } = call.params
    const { position } = done(await this.#parts.commands.hostedDomain(domain, command, call.asked()))
    return ok(await this.#shown(domain), { position })
  }

  async #hosted(domain: string): Promise<void> {
    await Promise.all([this.#parts.hostedDomains.fresh(), this.#parts.dkimKeys.fresh()])
    if (this.#parts.hostedDomains.current(domain) === null) throw notFound(`hosted domain ${domain}`)
  }

  async #shown(domain: string): Promise<object> {
    await this.#hosted(domain)
    return shownDkimKeys(domain, this.#parts.dkimKeys.of(domain), this.#parts.freshDns())
  }
}
