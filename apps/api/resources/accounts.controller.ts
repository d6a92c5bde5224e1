import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { heldMails } from '#domain/account/events'
import { MAXIMUM_FORWARDS } from '#domain/account/forwarding'
import { sendingQuota } from '#domain/account/sending-quota'
import { domainOf } from '#domain/message/mailbox'
import { Accounts } from '../auth/accounts.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administeredDomains, administers } from '../route/asker.ts'
import { created, nothing, ok, pending, type Answer } from '../route/answer.ts'
import { pageFrom, pageOf, pageQuery, readCursor } from '../route/paging.ts'
import { forbidden, notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { AccountChanges } from './account-changes.ts'
import { DirectoryReads } from './directory-reads.ts'
import { accountShape, domainName, language, mailbox, password, roles, time, timeZone } from './shapes.ts'

const approvalNote = z.object({ id: z.string(), state: z.string(), dueAt: time.nullable() })
const changedAccount = accountShape.extend({
  approvals: z.array(approvalNote).describe('what of the change waits for a second person'),
})

const profile = {
  displayName: z.string().trim().max(200),
  timeZone,
  language,
  quota: sendingQuota.nullable().describe('null: the default of its domain, else of policy'),
  aliases: z.array(mailbox).max(500),
  roles,
  password,
}
const standing = {
  sendAs: z.array(mailbox).max(200).describe('addresses of hosted domains that it may send as, beside its own'),
  suspended: z
    .boolean()
    .describe(
      'true: every session ends, nobody signs in or sends, what is in its queue is held, mail for it is still taken; needs `reason`. false: needs `held` when mails are held.',
    ),
  reason: z.string().trim().min(1).max(500),
  held: heldMails.describe(
    'what becomes of the mails that were held: sent, returned to their sender, or left in the queue',
  ),
}
const forwarding = z
  .strictObject({
    to: z.array(z.string().trim().min(3).max(320)).min(1, 'expected at least one').max(MAXIMUM_FORWARDS),
    keepCopy: z.boolean().default(true).describe('a copy stays in its mailbox'),
  })
  .nullable()
  .describe(
    'Where its mail goes on to once it is cleared, here or outside (if the policy `accounts` lets it); null: nowhere. Without a copy the mailbox still gets what could not be forwarded.',
  )
const quotaChange = sendingQuota
  .strict()
  .partial()
  .refine((given) => Object.keys(given).length > 0, 'expected mailsPerDay, recipientsPerDay or both')
  .nullable()
  .describe('what is left out stays as it is; null: the default of its domain, else of policy')
const params = z.object({ address: mailbox })
const ofAccount = ({ address }: { address: string }) => ({ account: address })

const listAccounts = route({
  verb: 'get',
  path: '/accounts',
  tag: 'Accounts',
  summary: 'Accounts',
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:read' },
  query: z.strictObject({ ...pageQuery, domain: domainName.optional() }),
  answers: { 200: { is: 'All of them; for a domain administrator, theirs', schema: pageOf(accountShape) } },
  views: ['directory'],
})

const addAccount = route({
  verb: 'post',
  path: '/accounts',
  tag: 'Accounts',
  summary: 'Make an account',
  description:
    'Roles but `user` only from an administrator; `compliance` waits for a second person (see `approvals` of the answer).',
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:write' },
  body: z.strictObject({
    address: mailbox,
    displayName: profile.displayName.default(''),
    timeZone: timeZone.default('UTC'),
    language: language.default('en'),
    quota: profile.quota.default(null),
    aliases: profile.aliases.default([]),
    roles: roles.default(['user']),
    password: password.optional().describe('without it nobody can sign in'),
  }),
  answers: { 201: { is: 'The account', schema: changedAccount } },
})

const showAccount = route({
  verb: 'get',
  path: '/accounts/:address',
  tag: 'Accounts',
  summary: 'An account',
  access: { who: ['admin', 'domain-admin', 'self'], scope: 'accounts:read' },
  about: ofAccount,
  params,
  answers: { 200: { is: 'The account', schema: accountShape } },
  views: ['directory'],
})

const changeAccount = route({
  verb: 'patch',
  path: '/accounts/:address',
  tag: 'Accounts',
  summary: 'Change an account',
  description:
    "Roles only by an administrator and never one's own; the role `compliance` and an officer's password only with a second administrator's approval, or, where there is but one, after a delay.",
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:write' },
  about: ofAccount,
  params,
  body: z.strictObject({ ...profile, quota: quotaChange, ...standing, forwarding }).partial(),
  answers: {
    200: { is: 'The account as it is now', schema: changedAccount },
    202: { is: 'Some of it waits for a second person', schema: changedAccount },
  },
})

const removeAccount = route({
  verb: 'delete',
  path: '/accounts/:address',
  tag: 'Accounts',
  summary: 'Remove an account',
  description: 'Its address is free then, its sessions are over; its mail and its events stay.',
  access: { who: ['admin', 'domain-admin'], scope: 'accounts:write' },
  about: ofAccount,
  params,
  answers: { 204: { is: 'Removed' } },
})

const changePassword = route({
  verb: 'post',
  path: '/accounts/:address/password',
  tag: 'Accounts',
  summary: 'Change my password',
  description: 'All sessions end.',
  access: { who: ['self'], scope: null },
  about: ofAccount,
  params,
  body: z.strictObject({ current: password, password }),
  answers: {
    204: { is: 'Changed' },
    202: { is: 'It waits for a second person', schema: z.object({ approval: approvalNote }) },
  },
})

@Controller()
export class AccountsController {
  readonly #parts: ApiParts
  readonly #accounts: Accounts
  readonly #directory: DirectoryReads
  readonly #changes: AccountChanges

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(Accounts) accounts: Accounts,
    @Inject(DirectoryReads) directory: DirectoryReads,
    @Inject(AccountChanges) changes: AccountChanges,
  ) {
    this.#parts = parts
    this.#accounts = accounts
    this.#directory = directory
    this.#changes = changes
  }

  @Route(listAccounts)
  async list(@TheCall() call: SignedCall<typeof listAccounts>): Promise<Answer> {
    const { domain, limit, cursor } = call.query
    if (domain !== undefined && !administers(call.asker, domain)) throw forbidden(`You do not administer ${domain}.`)
    await Promise.all([this.#parts.policies.fresh(), this.#parts.hostedDomains.fresh()])
    const after = readCursor<readonly [string]>(cursor, ['string'])
    const domains = domain === undefined ? administeredDomains(call.asker) : [domain]
    const rows = this.#directory.accounts(domains, after?.[0] ?? null, limit + 1)
    return ok(
      pageFrom(
        rows,
        limit,
        ({ address }) => [address],
        (account) => account,
      ),
    )
  }

  @Route(addAccount)
  async add(@TheCall() call: SignedCall<typeof addAccount>): Promise<Answer> {
    const domain = domainOf(call.body.address)
    if (!administers(call.asker, domain)) throw forbidden(`Only an administrator of ${domain} may do this.`)
    const { position, approvals } = await this.#changes.create(call.body, call)
    return created({ ...(await this.#shown(call.body.address)), approvals }, { position })
  }

  @Route(showAccount)
  async show(@TheCall() call: SignedCall<typeof showAccount>): Promise<Answer> {
    return ok(await this.#shown(call.params.address))
  }

  @Route(changeAccount)
  async change(@TheCall() call: SignedCall<typeof changeAccount>): Promise<Answer> {
    const { address } = call.params
    const { position, approvals } = await this.#changes.change(address, call.body, call)
    const shown = { ...(await this.#shown(address)), approvals }
    return approvals.length > 0 ? pending(shown, { position }) : ok(shown, { position })
  }

  @Route(removeAccount)
  async remove(@TheCall() call: SignedCall<typeof removeAccount>): Promise<Answer> {
    return nothing({ position: await this.#changes.remove(call.params.address, call) })
  }

  @Route(changePassword)
  async setPassword(@TheCall() call: SignedCall<typeof changePassword>): Promise<Answer> {
    const { position, approval } = await this.#changes.changeOwnPassword(call.params.address, call.body, call)
    return approval === null ? nothing({ position }) : pending({ approval }, { position })
  }

  async #shown(address: string): Promise<object> {
    await Promise.all([this.#parts.policies.fresh(), this.#parts.hostedDomains.fresh()])
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    return this.#directory.shown(account)
  }
}
