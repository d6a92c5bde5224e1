import { Controller, Inject, type Type } from '@nestjs/common'
import { z } from 'zod'
import { actor } from '#domain/kernel/actor'
import { parseSenderPattern } from '#domain/mailbox/sender-pattern'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { nothing, ok, type Answer } from '../route/answer.ts'
import { done } from '../route/outcome.ts'
import { pageOf, pageOfSorted, pageQuery } from '../route/paging.ts'
import { Problem } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { ListOwners } from './list-owners.ts'
import { type ListedSender, ListedSenders } from './listed-senders.ts'
import { domainName, mailbox, time, toTime } from './shapes.ts'
import { refuseWildcard } from './wildcards.ts'

const entryShape = z
  .object({
    entry: z.string(),
    note: z.string().nullable(),
    since: time.describe('when it came on this list'),
    by: actor.describe('who put it there'),
  })
  .meta({ id: 'ListEntry' })
const entry = z.string().min(2).max(320)
const body = z.strictObject({ note: z.string().max(500).nullable().optional() }).optional()
const query = z.strictObject(pageQuery)
const answers = {
  list: { 200: { is: 'By entry', schema: pageOf(entryShape) } },
  put: { 200: { is: 'It is on the list, in canonical form', schema: entryShape } },
  remove: { 204: { is: 'It is off the list' } },
}
const description =
  'An entry is `local@domain`, `@domain` or `.domain` (with subdomains). Putting it on one list takes the equal one off the other.'

type ListName = 'allow' | 'block'

/** The routes of one list: of whole domains, and of mailboxes. */
const routesOf = (list: ListName) => {
  const ofDomain = {
    tag: 'Lists',
    about: ({ domain }: { domain: string }) => ({ domain }),
    path: `/domains/:domain/${list}-list`,
  } as const
  const ofMailbox = {
    tag: 'Lists',
    about: ({ address }: { address: string }) => ({ account: address }),
    path: `/accounts/:address/${list}-list`,
  } as const
  const domainReads = { who: ['domain-admin'], scope: 'lists:read' } as const
  const domainWrites = { who: ['domain-admin'], scope: 'lists:write' } as const
  const mailboxReads = { who: ['self', 'domain-admin'], scope: 'lists:read' } as const
  const mailboxWrites = { who: ['self', 'domain-admin'], scope: 'lists:write' } as const
  const domain = z.object({ domain: domainName })
  const address = z.object({ address: mailbox })
  const summary = {
    list: `Entries of the ${list} list`,
    put: `Put a sender on the ${list} list`,
    remove: `Take a sender off the ${list} list`,
  }
  return {
    domain: {
      list: route({
        ...ofDomain,
        verb: 'get',
        summary: `${summary.list} of a domain`,
        access: domainReads,
        params: domain,
        query,
        answers: answers.list,
      }),
      put: route({
        ...ofDomain,
        verb: 'put',
        path: `${ofDomain.path}/:entry`,
        summary: `${summary.put} of a domain`,
        description,
        access: domainWrites,
        params: domain.extend({ entry }),
        body,
        answers: answers.put,
      }),
      remove: route({
        ...ofDomain,
        verb: 'delete',
        path: `${ofDomain.path}/:entry`,
        summary: `${summary.remove} of a domain`,
        access: domainWrites,
        params: domain.extend({ entry }),
        answers: answers.remove,
      }),
    },
    mailbox: {
      list: route({
        ...ofMailbox,
        verb: 'get',
        summary: `${summary.list} of a mailbox`,
        access: mailboxReads,
        params: address,
        query,
        answers: answers.list,
      }),
      put: route({
        ...ofMailbox,
        verb: 'put',
        path: `${ofMailbox.path}/:entry`,
        summary: `${summary.put} of a mailbox`,
        description,
        access: mailboxWrites,
        params: address.extend({ entry }),
        body,
        answers: answers.put,
      }),
      remove: route({
        ...ofMailbox,
        verb: 'delete',
        path: `${ofMailbox.path}/:entry`,
        summary: `${summary.remove} of a mailbox`,
        access: mailboxWrites,
        params: address.extend({ entry }),
        answers: answers.remove,
      }),
    },
  }
}

/** Both lists have the same routes, each its own class: what is in the path is no parameter. */
const controllerOf = (name: ListName): Type => {
  const routes = routesOf(name)

  @Controller()
  class SenderListController {
    readonly #parts: ApiParts

    readonly #owners: ListOwners
    readonly #listed: ListedSenders

    constructor(
      @Inject(API_PARTS) parts: ApiParts,
      @Inject(ListOwners) owners: ListOwners,
      @Inject(ListedSenders) listed: ListedSenders,
    ) {
      this.#parts = parts
      this.#owners = owners
      this.#listed = listed
    }

    @Route(routes.domain.list)
    async listOfDomain(@TheCall() call: SignedCall<typeof routes.domain.list>): Promise<Answer> {
      return this.#list(await this.#owners.domain(call.params.domain), call.query)
    }

    @Route(routes.domain.put)
    async putForDomain(@TheCall() call: SignedCall<typeof routes.domain.put>): Promise<Answer> {
      return this.#put(await this.#owners.domain(call.params.domain), call.params.entry, call.body?.note ?? null, call)
    }

    @Route(routes.domain.remove)
    async removeForDomain(@TheCall() call: SignedCall<typeof routes.domain.remove>): Promise<Answer> {
      return this.#remove(await this.#owners.domain(call.params.domain), call.params.entry, call)
    }

    @Route(routes.mailbox.list)
    async listOfMailbox(@TheCall() call: SignedCall<typeof routes.mailbox.list>): Promise<Answer> {
      return this.#list(await this.#owners.mailbox(call.params.address), call.query)
    }

    @Route(routes.mailbox.put)
    async putForMailbox(@TheCall() call: SignedCall<typeof routes.mailbox.put>): Promise<Answer> {
      const owner = await this.#owners.mailboxToChange(call.params.address, call)
      return this.#put(owner, call.params.entry, call.body?.note ?? null, call)
    }

    @Route(routes.mailbox.remove)
    async removeForMailbox(@TheCall() call: SignedCall<typeof routes.mailbox.remove>): Promise<Answer> {
      return this.#remove(await this.#owners.mailboxToChange(call.params.address, call), call.params.entry, call)
    }

    async #list(owner: string, page: z.output<typeof query>): Promise<Answer> {
      const entries = [...(await this.#listed.of(owner)).values()]
        .filter(({ list }) => list === name)
        .sort((a, b) => (a.entry < b.entry ? -1 : 1))
      const { items, next } = pageOfSorted(entries, page, ({ entry }) => entry)
      return ok({ items: items.map(shown), next })
    }

    async #put(owner: string, typed: string, note: string | null, call: SignedCall): Promise<Answer> {
      refuseWildcard(typed)
      const command = { kind: `${name}-sender`, entry: typed, note } as const
      const { position } = done(await this.#parts.commands.mailbox(owner, command, call.asked()))
      const entry = parseSenderPattern(typed) ?? typed
      const listed = (await this.#listed.of(owner)).get(entry)
      // Somebody else was quicker to take it off again.
      if (listed?.list !== name) throw new Problem('conflict', `${entry} is on this list no longer.`)
      return ok(shown(listed), { position })
    }

    async #remove(owner: string, entry: string, call: SignedCall): Promise<Answer> {
      const command = { kind: 'remove-entry', entry, list: name } as const
      return nothing({ position: done(await this.#parts.commands.mailbox(owner, command, call.asked())).position })
    }
  }
  return SenderListController
}

const shown = ({ entry, note, since, by }: ListedSender) => ({ entry, note, since: toTime(since), by })

export const AllowListController = controllerOf('allow')
export const BlockListController = controllerOf('block')
