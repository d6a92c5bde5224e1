import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { domainOf } from '#domain/message/mailbox'
import type { GroupRow } from '#projections/directory/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administeredDomains, administers } from '../route/asker.ts'
import { created, nothing, ok, type Answer } from '../route/answer.ts'
import { freshen } from '../route/fresh-view.ts'
import { done } from '../route/outcome.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { forbidden } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { DirectoryReads } from './directory-reads.ts'
import { GroupMembers } from './group-members.ts'
import { mailbox } from './shapes.ts'

const groupShape = z
  .object({ address: z.string(), displayName: z.string(), members: z.array(z.string()) })
  .meta({ id: 'Group' })
const members = z.array(mailbox).min(1, 'expected at least one').max(5_000)
const displayName = z.string().trim().max(200)
const params = z.object({ address: mailbox })
const ofDomain = ({ address }: { address: string }) => ({ domain: domainOf(address) })

const listGroups = route({
  verb: 'get',
  path: '/groups',
  tag: 'Groups',
  summary: 'Groups',
  access: { who: ['domain-admin'], scope: 'groups:read' },
  query: z.strictObject(pageQuery),
  answers: { 200: { is: 'By address', schema: pageOf(groupShape) } },
  views: ['directory'],
})
const addGroup = route({
  verb: 'post',
  path: '/groups',
  tag: 'Groups',
  summary: 'Make a group',
  description:
    'Mail to a group becomes mail to each member. Members are accounts, aliases and groups of hosted domains, and addresses outside if the policy `accounts` lets them.',
  access: { who: ['domain-admin'], scope: 'groups:write' },
  body: z.strictObject({ address: mailbox, displayName: displayName.default(''), members }),
  answers: { 201: { is: 'The group', schema: groupShape } },
})
const showGroup = route({
  verb: 'get',
  path: '/groups/:address',
  tag: 'Groups',
  summary: 'A group',
  access: { who: ['domain-admin'], scope: 'groups:read' },
  about: ofDomain,
  params,
  answers: { 200: { is: 'The group', schema: groupShape } },
  views: ['directory'],
})
const changeGroup = route({
  verb: 'patch',
  path: '/groups/:address',
  tag: 'Groups',
  summary: 'Change a group',
  access: { who: ['domain-admin'], scope: 'groups:write' },
  about: ofDomain,
  params,
  body: z.strictObject({ displayName, members }).partial(),
  answers: { 200: { is: 'The group as it is now', schema: groupShape } },
  views: ['directory'],
})
const removeGroup = route({
  verb: 'delete',
  path: '/groups/:address',
  tag: 'Groups',
  summary: 'Remove a group',
  access: { who: ['domain-admin'], scope: 'groups:write' },
  about: ofDomain,
  params,
  answers: { 204: { is: 'Removed' } },
})

@Controller()
export class GroupsController {
  readonly #parts: ApiParts
  readonly #directory: DirectoryReads

  readonly #members: GroupMembers

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(DirectoryReads) directory: DirectoryReads,
    @Inject(GroupMembers) members: GroupMembers,
  ) {
    this.#parts = parts
    this.#directory = directory
    this.#members = members
  }

  @Route(listGroups)
  list(@TheCall() call: SignedCall<typeof listGroups>): Answer {
    const { cursor, limit } = call.query
    const after = readCursor<readonly [string]>(cursor, ['string'])
    const rows = this.#directory.groups(administeredDomains(call.asker), after?.[0] ?? null, limit + 1)
    return ok(pageFrom(rows, limit, ({ address }) => [address], shown))
  }

  @Route(addGroup)
  async add(@TheCall() call: SignedCall<typeof addGroup>): Promise<Answer> {
    const { address } = call.body
    if (!administers(call.asker, domainOf(address))) throw forbidden(`You do not administer ${domainOf(address)}.`)
    await this.#directory.hosted(address)
    await this.#members.mustExist(address, call.body.members, call.body.members)
    const position = await this.#command(address, { kind: 'define-group', ...call.body }, call)
    return created(call.body, { position })
  }

  @Route(showGroup)
  show(@TheCall() call: SignedCall<typeof showGroup>): Answer {
    return ok(shown(this.#directory.group(call.params.address)))
  }

  @Route(changeGroup)
  async change(@TheCall() call: SignedCall<typeof changeGroup>): Promise<Answer> {
    const now = shown(this.#directory.group(call.params.address))
    const wanted = {
      ...now,
      displayName: call.body.displayName ?? now.displayName,
      members: call.body.members ?? now.members,
    }
    const joining = wanted.members.filter((member) => !now.members.includes(member))
    await this.#members.mustExist(now.address, joining, wanted.members)
    const position = await this.#command(now.address, { kind: 'define-group', ...wanted }, call)
    return ok(wanted, { position })
  }

  @Route(removeGroup)
  async remove(@TheCall() call: SignedCall<typeof removeGroup>): Promise<Answer> {
    const { address } = call.params
    return nothing({ position: await this.#command(address, { kind: 'remove-group', address }, call) })
  }

  async #command(address: string, command: HostedDomainCommand, call: SignedCall) {
    const { position } = done(await this.#parts.commands.hostedDomain(domainOf(address), command, call.asked()))
    await freshen(this.#parts, 'directory', position)
    return position
  }
}

const shown = (row: GroupRow) => ({
  address: row.address,
  displayName: row.displayName,
  members: JSON.parse(row.members) as string[],
})
