import { z } from 'zod'
import { role, type Role } from '#domain/account/events'
import type { Account } from '#domain/account/state'
import type { ApprovalSubject } from '#domain/approval/events'
import { isDeclined } from '#domain/kernel/decider'
import { domainOf, type Address } from '#domain/message/mailbox'
import { MAX_PASSWORD_BYTES } from '#infra/credentials/passwords'
import { domainName, language, mailbox, timeZone, toTimeOrNull } from '#apps/api/resources/shapes'
import { aggregates } from '#infra/commands/aggregates'
import { quotaAsKnown } from '#infra/commands/quota-of'
import {
  forwardingOfRow,
  quotaOfRow,
  type AccountRow,
  type AddressRow,
  type RoleRow,
} from '#projections/directory/tables'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation, OperationRefused, upToDate, type Circumstances } from './operation.ts'

const password = z
  .string()
  .min(1, 'a password is not empty')
  .refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, `at most ${MAX_PASSWORD_BYTES} bytes`)

/** What waits for a second person. */
interface Waiting {
  readonly id: string
  readonly state: string
  readonly dueAt: string | null
}

const BY_OPERATOR = { kind: 'operator' } as const
const BY_MAILKEEP = { kind: 'system' } as const

export const accountOperations = {
  'account-add': operation(
    z.strictObject({
      address: mailbox,
      displayName: z.string().trim().max(200).default(''),
      timeZone: timeZone.default('UTC'),
      language: language.default('en'),
      roles: z.array(role).max(4).default(['user']),
      password: password.nullable(),
    }),
    async (foundation, given, circumstances) => {
      const { address, displayName, roles: wanted } = given
      const roles: Role[] = [...new Set<Role>(['user', ...wanted])]
      await mustBeHosted(foundation, address)
      await mustBeLongEnough(foundation, given.password)
      const asked = (step: string) => askedBy(foundation, circumstances, step)
      const { commands } = foundation
      const claimed = accepted(
        await commands.hostedDomain(domainOf(address), { kind: 'claim-address', address }, asked('claim')),
      )
      const created = await commands.account(
        address,
        {
          kind: 'create-account',
          address,
          profile: { displayName, timeZone: given.timeZone, language: given.language, quota: null },
          roles: roles.filter((one) => one !== 'compliance'),
          asker: BY_OPERATOR,
        },
        asked('create'),
      )
      if (isDeclined(created)) {
        if (claimed.events.length > 0)
          accepted(
            await commands.hostedDomain(domainOf(address), { kind: 'release-address', address }, asked('unclaim')),
          )
        if (created.code === 'conflict')
          throw new OperationRefused(`The account ${address} exists already.`, {
            instead: `mailkeep account passwd ${address}`,
          })
        accepted(created)
      }
      if (given.password !== null) await setPassword(foundation, circumstances, address, given.password)
      const approvals = roles.includes('compliance') ? await makeOfficer(foundation, circumstances, address, roles) : []
      await upToDate(foundation, circumstances, 'directory', ['account', 'domain'])
      return { ...shownAccount(foundation, address), approvals }
    },
  ),

  'account-passwd': operation(
    z.strictObject({ address: mailbox, password }),
    async (foundation, { address, password: chosen }, circumstances) => {
      const account = await loadAccount(foundation, address)
      await mustBeLongEnough(foundation, chosen)
      if (!account.roles.includes('compliance')) {
        await setPassword(foundation, circumstances, account.address, chosen)
        return { address: account.address, changed: true, approvals: [] as Waiting[] }
      }
      const hash = await foundation.credentials.passwords.seal(account.address, chosen)
      const approval = await requestApproval(foundation, circumstances, {
        kind: 'password',
        account: account.address,
        hash,
      })
      return { address: account.address, changed: false, approvals: [approval] }
    },
  ),

  'account-list': operation(
    z.strictObject({
      domain: domainName.optional(),
      after: z.string().max(320).default(''),
      limit: z.number().int().min(1).max(10_000).default(500),
    }),
    async (foundation, { domain, after, limit }, circumstances) => {
      await upToDate(foundation, circumstances, 'directory', ['account', 'domain'])
      await Promise.all([foundation.policies.fresh(), foundation.hostedDomains.fresh()])
      const rows = foundation.views.select<AccountRow>(
        'directory',
        'SELECT * FROM {accounts} WHERE address > :after AND (:domain IS NULL OR domain = :domain) ORDER BY address LIMIT :limit',
        { after, domain: domain ?? null, limit: limit + 1 },
      )
      const items = rows
        .slice(0, limit)
        .map((row) => ({ ...shownRow(foundation, row), passwordSet: row.passwordSetAt !== null }))
      return { items, next: rows.length > limit ? (items.at(-1)?.address ?? null) : null }
    },
  ),
}

/**
 * The operator is nobody with a name, and officers are who watches the administrators. So the machine makes the first officer there ever was, as
 * at a first start; from then on it only asks, and a second person approves (interface.md §4).
 */
const makeOfficer = async (
  foundation: Foundation,
  circumstances: Circumstances,
  address: Address,
  roles: readonly Role[],
): Promise<Waiting[]> => {
  if (await thereEverWasAnOfficer(foundation))
    return [await requestApproval(foundation, circumstances, { kind: 'roles', account: address, roles: [...roles] })]
  accepted(
    await foundation.commands.account(
      address,
      { kind: 'change-roles', roles, asker: BY_MAILKEEP, approved: true },
      askedBy(foundation, circumstances, 'officer'),
    ),
  )
  return []
}

const PAGE = 1_000

const thereEverWasAnOfficer = async ({ log }: Foundation): Promise<boolean> => {
  for (let after = null as Awaited<ReturnType<typeof log.lastPosition>>; ;) {
    const page = await log.readAll(after, { types: ['AccountCreated', 'RolesChanged'] }, PAGE)
    const officers = page.events.some(({ data }) => (data as { roles: readonly Role[] }).roles.includes('compliance'))
    if (officers) return true
    if (page.caughtUp) return false
    after = page.position
  }
}

const requestApproval = async (
  foundation: Foundation,
  circumstances: Circumstances,
  subject: ApprovalSubject,
): Promise<Waiting> => {
  const { clock, commands, policies, views } = foundation
  await policies.fresh()
  await upToDate(foundation, circumstances, 'directory', ['account'])
  const admins = views.get<RoleRow>('directory', 'roles', ['admin'])
  const id = circumstances.requestId
  const { state } = accepted(
    await commands.approval(
      id,
      {
        kind: 'request-approval',
        subject,
        asker: BY_OPERATOR,
        now: clock(),
        numberOfAdmins: admins === undefined ? 0 : (JSON.parse(admins.members) as string[]).length,
        delay: policies.current('accounts').document.approvalDelay,
      },
      askedBy(foundation, circumstances, 'request-approval'),
    ),
  )
  return { id, state: state?.state ?? 'waiting', dueAt: toTimeOrNull(state?.dueAt ?? null) }
}

const setPassword = async (
  foundation: Foundation,
  circumstances: Circumstances,
  address: Address,
  chosen: string,
): Promise<void> => {
  const hash = await foundation.credentials.passwords.seal(address, chosen)
  accepted(
    await foundation.commands.account(
      address,
      { kind: 'set-password', hash, asker: BY_OPERATOR, approved: false },
      askedBy(foundation, circumstances, 'password'),
    ),
  )
}

export const loadAccount = async ({ states }: Foundation, address: Address): Promise<Account> => {
  const { state } = await states.loadNewest(aggregates.account, aggregates.account.stream(address))
  if (state === null)
    throw new OperationRefused(`There is no account ${address}.`, { instead: 'mailkeep account list' })
  return state
}

const mustBeHosted = async ({ hostedDomains }: Foundation, address: Address): Promise<void> => {
  await hostedDomains.fresh()
  const domain = domainOf(address)
  if (hostedDomains.current(domain) === null)
    throw new OperationRefused(`The domain ${domain} is not hosted here.`, { instead: `mailkeep domain add ${domain}` })
}

const mustBeLongEnough = async ({ policies }: Foundation, chosen: string | null): Promise<void> => {
  if (chosen === null) return
  await policies.fresh()
  const least = policies.current('accounts').document.minimumPasswordLength
  if ([...chosen].length < least)
    throw new OperationRefused(`The password is too short: policy wants at least ${least} characters.`, {
      kind: 'usage',
    })
}

const shownAccount = (foundation: Foundation, address: Address) => {
  const row = foundation.views.get<AccountRow>('directory', 'accounts', [address])
  if (row === undefined) throw new OperationRefused(`There is no account ${address}.`)
  return shownRow(foundation, row)
}

const shownRow = ({ policies, hostedDomains, views }: Foundation, row: AccountRow) => ({
  address: row.address,
  displayName: row.displayName,
  roles: JSON.parse(row.roles) as Role[],
  aliases: views
    .select<AddressRow>(
      'directory',
      `SELECT * FROM {addresses} WHERE target = :account AND kind = 'alias' ORDER BY address`,
      { account: row.address },
    )
    .map(({ address }) => address),
  timeZone: row.timeZone,
  language: row.language,
  suspended: row.suspended === 1,
  sendAs: JSON.parse(row.sendAs) as string[],
  forwarding: forwardingOfRow(row),
  quota: quotaAsKnown({ policies, hostedDomains }, { address: row.address, quota: quotaOfRow(row) }),
})
