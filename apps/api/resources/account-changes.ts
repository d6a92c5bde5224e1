import { Inject, Injectable } from '@nestjs/common'
import type { AccountCommand } from '#domain/account/commands'
import { type AccountProfile, accountStream, type Role } from '#domain/account/events'
import type { Forwarding } from '#domain/account/forwarding'
import type { SendingQuota } from '#domain/account/sending-quota'
import type { Account } from '#domain/account/state'
import type { HostedDomainCommand } from '#domain/hosted-domain/commands'
import { isDeclined } from '#domain/kernel/decider'
import { domainOf } from '#domain/message/mailbox'
import { quotaOf } from '#infra/commands/quota-of'
import type { Position } from '#infra/event-log/port'
import { Accounts } from '../auth/accounts.ts'
import { domainAsker, mustAdminister } from '../auth/domain-asker.ts'
import { tooManyAtOnce, tooManyAttempts } from '../auth/sign-in.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { administers, isAdmin } from '../route/asker.ts'
import { definedOnly } from '../route/defined-only.ts'
import { freshen } from '../route/fresh-view.ts'
import { declinedProblem, forbidden, invalid, notFound } from '../route/problem.ts'
import { done } from '../route/outcome.ts'
import { commandsCarriedOut } from '../route/repeats.ts'
import type { SignedCall } from '../route/route.ts'
import { DirectoryReads } from './directory-reads.ts'
import { AccountForwarding } from './account-forwarding.ts'
import { AccountStanding, type StandingGiven } from './account-standing.ts'
import { isOfficer, Officers, type RequestedApproval } from './officers.ts'
import { Steps } from './steps.ts'

export interface AccountGiven extends StandingGiven {
  readonly displayName?: string | undefined
  readonly timeZone?: string | undefined
  readonly language?: string | undefined
  /** A change may give one of the two; the other stays what it is. */
  readonly quota?: { readonly [Limit in keyof SendingQuota]?: number | undefined } | null | undefined
  readonly aliases?: readonly string[] | undefined
  readonly roles?: readonly Role[] | undefined
  readonly password?: string | undefined
  readonly forwarding?: Forwarding | null | undefined
}

export interface Changed {
  readonly position: Position | null
  readonly approvals: readonly RequestedApproval[]
}

/** Several streams make up an account: its own, its domain's address book, approvals. Each step is idempotent by its command id. */
@Injectable()
export class AccountChanges {
  readonly #parts: ApiParts
  readonly #accounts: Accounts
  readonly #directory: DirectoryReads
  readonly #officers: Officers
  readonly #standing: AccountStanding
  readonly #forwarding: AccountForwarding

  constructor(
    @Inject(API_PARTS) parts: ApiParts,
    @Inject(Accounts) accounts: Accounts,
    @Inject(DirectoryReads) directory: DirectoryReads,
    @Inject(Officers) officers: Officers,
    @Inject(AccountStanding) standing: AccountStanding,
    @Inject(AccountForwarding) forwarding: AccountForwarding,
  ) {
    this.#parts = parts
    this.#accounts = accounts
    this.#directory = directory
    this.#officers = officers
    this.#standing = standing
    this.#forwarding = forwarding
  }

  async create(
    given: Required<Omit<AccountGiven, 'password' | 'quota' | 'forwarding' | keyof StandingGiven>> & {
      readonly address: string
      readonly quota: SendingQuota | null
      readonly password?: string | undefined
    },
    call: SignedCall,
  ): Promise<Changed> {
    const { address, displayName = '', timeZone = 'UTC', language = 'en', quota, aliases = [] } = given
    const wanted = rolesGiven(given.roles)
    await this.#directory.hosted(address)
    this.#mayGrant(wanted, call)
    await this.#longEnough(given.password)
    this.#mayAlias(aliases, call)
    const steps = new Steps()

    const before = await commandsCarriedOut(this.#parts, accountStream(address), call)
    if (!before.has(call.commandId('create')))
      await this.#make(address, { displayName, timeZone, language, quota }, wanted, call, steps)
    if (given.password !== undefined && !before.has(call.commandId('password'))) {
      steps.at(await this.#setPassword(address, given.password, call))
    }
    for (const alias of aliases)
      steps.at(
        done(await this.#domain(alias, { kind: 'add-alias', address: alias, account: address }, call, `alias ${alias}`))
          .position,
      )
    if (isOfficer(wanted))
      steps.waits(await this.#officers.request({ kind: 'roles', account: address, roles: wanted }, call))
    return this.#finished(steps)
  }

  /** The address first, then the account: two can't be made. */
  async #make(
    address: string,
    profile: AccountProfile,
    wanted: readonly Role[],
    call: SignedCall,
    steps: Steps,
  ): Promise<void> {
    const claimed = done(await this.#domain(address, { kind: 'claim-address', address }, call, 'claim'))
    steps.at(claimed.position)
    const create: AccountCommand = {
      kind: 'create-account',
      address,
      profile,
      roles: wanted.filter((role) => role !== 'compliance'),
      asker: domainAsker(call.asker),
    }
    const outcome = await this.#parts.commands.account(address, create, call.asked('create'))
    if (isDeclined(outcome)) {
      // A conflict: somebody else was quicker, and the address is theirs.
      if (claimed.events.length > 0 && outcome.code !== 'conflict')
        done(await this.#domain(address, { kind: 'release-address', address }, call, 'unclaim'))
      throw declinedProblem(outcome)
    }
    steps.at(outcome.position)
  }

  async change(address: string, given: AccountGiven, call: SignedCall): Promise<Changed> {
    const account = await this.#found(address)
    mustAdminister(call.asker, account)
    if (given.roles !== undefined) this.#mayChangeRoles(account, call)
    if (given.aliases !== undefined) this.#mayAlias(given.aliases, call)
    await this.#longEnough(given.password)
    await this.#standing.check(account, given)
    await this.#forwarding.check(account, given.forwarding)
    const steps = new Steps()

    const { displayName, timeZone, language } = given
    const quota = await this.#quota(account, given.quota)
    const changes = definedOnly({ displayName, timeZone, language, quota })
    if (Object.keys(changes).length > 0) {
      const command: AccountCommand = { kind: 'change-profile', changes, asker: domainAsker(call.asker) }
      steps.at(done(await this.#parts.commands.account(address, command, call.asked('profile'))).position)
    }
    if (given.aliases !== undefined) await this.#setAliases(address, given.aliases, call, steps)
    if (given.roles !== undefined) await this.#setRoles(account, rolesGiven(given.roles), call, steps)
    if (given.password !== undefined) await this.#replacePassword(account, given.password, call, steps)
    steps.at(await this.#forwarding.change(account, given.forwarding, call))
    steps.at(await this.#standing.change(account, given, call))
    return this.#finished(steps)
  }

  async remove(address: string, call: SignedCall): Promise<Position | null> {
    mustAdminister(call.asker, await this.#found(address))
    const steps = new Steps()
    const command: AccountCommand = { kind: 'delete-account', asker: domainAsker(call.asker) }
    steps.at(done(await this.#parts.commands.account(address, command, call.asked('delete'))).position)
    for (const alias of this.#directory.aliases(address)) {
      steps.at(
        done(await this.#domain(alias, { kind: 'remove-alias', address: alias }, call, `alias ${alias}`)).position,
      )
    }
    steps.at(done(await this.#domain(address, { kind: 'release-address', address }, call, 'release')).position)
    return steps.position
  }

  async changeOwnPassword(
    address: string,
    given: { readonly current: string; readonly password: string },
    call: SignedCall,
  ): Promise<{ position: Position | null; approval: RequestedApproval | null }> {
    const account = await this.#found(address)
    await this.#longEnough(given.password)
    await this.#mustKnowPassword(address, given.current, call)
    const steps = new Steps()
    await this.#replacePassword(account, given.password, call, steps)
    return { position: steps.position, approval: steps.approvals[0] ?? null }
  }

  async #setAliases(address: string, wanted: readonly string[], call: SignedCall, steps: Steps): Promise<void> {
    const now = this.#directory.aliases(address)
    this.#mayAlias(
      now.filter((alias) => !wanted.includes(alias)),
      call,
    )
    for (const alias of wanted.filter((one) => !now.includes(one))) {
      steps.at(
        done(await this.#domain(alias, { kind: 'add-alias', address: alias, account: address }, call, `alias ${alias}`))
          .position,
      )
    }
    for (const alias of now.filter((one) => !wanted.includes(one))) {
      steps.at(
        done(await this.#domain(alias, { kind: 'remove-alias', address: alias }, call, `alias ${alias}`)).position,
      )
    }
  }

  /** Becoming or ceasing to be an officer waits for a second person; the rest of the change does not. */
  async #setRoles(account: Account, wanted: readonly Role[], call: SignedCall, steps: Steps): Promise<void> {
    const before = isOfficer(account.roles)
    const officerChanges = before !== isOfficer(wanted)
    const atOnce = officerChanges
      ? [...wanted.filter((role) => role !== 'compliance'), ...(before ? ['compliance' as const] : [])]
      : wanted
    if (!sameRoles(account.roles, atOnce)) {
      const command: AccountCommand = {
        kind: 'change-roles',
        roles: atOnce,
        asker: domainAsker(call.asker),
        approved: false,
      }
      steps.at(done(await this.#parts.commands.account(account.address, command, call.asked('roles'))).position)
    }
    if (officerChanges)
      steps.waits(await this.#officers.request({ kind: 'roles', account: account.address, roles: [...wanted] }, call))
  }

  async #replacePassword(account: Account, password: string, call: SignedCall, steps: Steps): Promise<void> {
    if (!isOfficer(account.roles)) {
      steps.at(await this.#setPassword(account.address, password, call))
      return
    }
    const hash = await this.#parts.credentials.passwords.seal(account.address, password)
    steps.waits(await this.#officers.request({ kind: 'password', account: account.address, hash }, call))
  }

  async #setPassword(address: string, password: string, call: SignedCall): Promise<Position | null> {
    const hash = await this.#parts.credentials.passwords.seal(address, password)
    const command: AccountCommand = { kind: 'set-password', hash, asker: domainAsker(call.asker), approved: false }
    return done(await this.#parts.commands.account(address, command, call.asked('password'))).position
  }

  /** What is left out of a quota stays as it is now, be it the account's own or the default of its domain or of policy. */
  async #quota(account: Account, given: AccountGiven['quota']): Promise<SendingQuota | null | undefined> {
    if (given === undefined || given === null) return given
    const now = await quotaOf(this.#parts, account)
    return {
      mailsPerDay: given.mailsPerDay ?? now.mailsPerDay,
      recipientsPerDay: given.recipientsPerDay ?? now.recipientsPerDay,
    }
  }

  #domain(address: string, command: HostedDomainCommand, call: SignedCall, part: string) {
    return this.#parts.commands.hostedDomain(domainOf(address), command, call.asked(part))
  }

  async #found(address: string): Promise<Account> {
    const account = await this.#accounts.find(address)
    if (account === null) throw notFound(`account ${address}`)
    return account
  }

  async #mustKnowPassword(address: string, password: string, call: SignedCall): Promise<void> {
    const { clientAddress, now } = call
    const { credentials } = this.#parts
    const verdict = await credentials.verify({ address, password, clientAddress, now, appPasswords: false })
    if (verdict.kind === 'limited') throw tooManyAttempts(verdict.retryAfter)
    if (verdict.kind === 'busy') throw tooManyAtOnce()
    if (verdict.kind === 'refused') throw invalid('body.current', 'this is not the password of now')
  }

  async #longEnough(password: string | undefined): Promise<void> {
    if (password === undefined) return
    await this.#parts.policies.fresh()
    const least = this.#parts.policies.current('accounts').document.minimumPasswordLength
    if ([...password].length < least) throw invalid('body.password', `expected at least ${least} characters`)
  }

  #mayGrant(wanted: readonly Role[], call: SignedCall): void {
    if (wanted.some((role) => role !== 'user') && !isAdmin(call.asker))
      throw forbidden('Only an administrator gives roles.')
  }

  #mayChangeRoles(account: Account, call: SignedCall): void {
    if (!isAdmin(call.asker)) throw forbidden('Only an administrator changes roles.')
    if (account.address === call.asker.address) throw forbidden('Nobody changes their own roles.')
  }

  #mayAlias(aliases: readonly string[], call: SignedCall): void {
    const foreign = aliases.find((alias) => !administers(call.asker, domainOf(alias)))
    if (foreign !== undefined) throw forbidden(`You do not administer the domain of ${foreign}.`)
  }

  async #finished(steps: Steps): Promise<Changed> {
    await freshen(this.#parts, 'directory', steps.position)
    return { position: steps.position, approvals: steps.approvals }
  }
}

/** Everybody is a user. */
const rolesGiven = (roles: readonly Role[] | undefined): Role[] => [...new Set<Role>(['user', ...(roles ?? [])])]
const sameRoles = (one: readonly Role[], other: readonly Role[]): boolean =>
  new Set([...one, ...other]).size === new Set(one).size && new Set(one).size === new Set(other).size
