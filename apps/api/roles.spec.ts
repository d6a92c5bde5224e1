import { beforeAll, describe, expect, it } from 'vitest'
import { itemId } from '#domain/archive/item-id'
import type { ApiAnswer, ApiClient, ApiVerb } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { archive, clean, judge, recordScan, scored } from '#test/dsl/mail'
import { CONTROLLERS } from './api.module.ts'
import type { RouteSpec } from './route/route.ts'
import { RouteTable } from './route/route-table.ts'

/*
 * Role x route, generated from the routes that are served. Everything in a path is ann's: her account, her domain, a mail held for her.
 * A route that is not in WHO, or whose resource decides and is not in DECIDED, fails here: a new one can't be forgotten.
 */
const PERSONAS = {
  anonymous: null,
  user: 'ann@one.test',
  'other user': 'ben@one.test',
  'domain-admin': 'dora@one.test',
  "other domain's admin": 'otto@two.test',
  admin: 'root@one.test',
  compliance: 'olga@one.test',
  'token without the scope': 'root@one.test',
} as const
type Persona = keyof typeof PERSONAS
const personas = Object.keys(PERSONAS) as Persona[]

/** The third column of interface.md §4, by hand: what the declarations must say. */
const WHO: Readonly<Record<string, string>> = {
  'POST /session': 'anyone',
  'GET /session': 'anyone',
  'DELETE /session': 'everyone',
  'GET /tokens': 'everyone',
  'POST /tokens': 'everyone',
  'DELETE /tokens/:token': 'everyone',
  'GET /domains': 'admin domain-admin',
  'POST /domains': 'admin',
  'GET /domains/:domain': 'admin domain-admin',
  'PATCH /domains/:domain': 'admin domain-admin',
  'DELETE /domains/:domain': 'admin',
  'GET /domains/:domain/directory': 'admin domain-admin',
  'POST /domains/:domain/directory/sync': 'admin domain-admin',
  'GET /domains/:domain/dkim': 'admin domain-admin',
  'POST /domains/:domain/dkim/keys': 'admin domain-admin',
  'POST /domains/:domain/dkim/start': 'admin domain-admin',
  'POST /domains/:domain/dkim/retire': 'admin domain-admin',
  'GET /domains/:domain/check': 'admin domain-admin',
  'GET /domains/:domain/allow-list': 'domain-admin',
  'PUT /domains/:domain/allow-list/:entry': 'domain-admin',
  'DELETE /domains/:domain/allow-list/:entry': 'domain-admin',
  'GET /domains/:domain/block-list': 'domain-admin',
  'PUT /domains/:domain/block-list/:entry': 'domain-admin',
  'DELETE /domains/:domain/block-list/:entry': 'domain-admin',
  'GET /accounts': 'admin domain-admin',
  'POST /accounts': 'admin domain-admin',
  'GET /accounts/:address': 'admin domain-admin self',
  'PATCH /accounts/:address': 'admin domain-admin',
  'DELETE /accounts/:address': 'admin domain-admin',
  'POST /accounts/:address/password': 'self',
  'GET /accounts/:address/app-passwords': 'admin domain-admin self',
  'POST /accounts/:address/app-passwords': 'self',
  'DELETE /accounts/:address/app-passwords/:id': 'admin domain-admin self',
  'GET /accounts/:address/allow-list': 'self domain-admin',
  'PUT /accounts/:address/allow-list/:entry': 'self domain-admin',
  'DELETE /accounts/:address/allow-list/:entry': 'self domain-admin',
  'GET /accounts/:address/block-list': 'self domain-admin',
  'PUT /accounts/:address/block-list/:entry': 'self domain-admin',
  'DELETE /accounts/:address/block-list/:entry': 'self domain-admin',
  'GET /accounts/:address/digest': 'self domain-admin',
  'PATCH /accounts/:address/digest': 'self domain-admin',
  'POST /accounts/:address/digest/send': 'self domain-admin',
  'GET /accounts/:address/digest/preview': 'self',
  'GET /domains/:domain/digest': 'domain-admin',
  'PATCH /domains/:domain/digest': 'domain-admin',
  'GET //links/:token': 'anyone',
  'POST //links/:token': 'anyone',
  'GET /groups': 'domain-admin',
  'POST /groups': 'domain-admin',
  'GET /groups/:address': 'domain-admin',
  'PATCH /groups/:address': 'domain-admin',
  'DELETE /groups/:address': 'domain-admin',
  'POST /approvals': 'compliance',
  'GET /approvals': 'admin compliance',
  'GET /approvals/:id': 'admin compliance',
  'POST /approvals/:id/approve': 'admin compliance',
  'POST /approvals/:id/refuse': 'admin compliance',
  'GET /quarantine': 'self domain-admin',
  'POST /quarantine/release': 'self domain-admin',
  'POST /quarantine/discard': 'self domain-admin',
  'GET /quarantine/:mail/:recipient': 'self domain-admin',
  'POST /quarantine/:mail/:recipient/release': 'self domain-admin',
  'POST /quarantine/:mail/:recipient/discard': 'self domain-admin',
  'POST /quarantine/:mail/:recipient/block-sender': 'self domain-admin',
  'GET /quarantine/:mail/:recipient/preview': 'self domain-admin',
  'GET /mails': 'admin domain-admin self',
  'GET /mails/:mail': 'admin domain-admin self',
  'GET /mails/:mail/content': 'compliance self',
  'GET /refusals': 'admin domain-admin',
  'GET /queue': 'admin',
  'GET /queue/destinations': 'admin',
  'POST /queue/retry': 'admin',
  'POST /queue/bounce': 'admin',
  'POST /queue/hold': 'admin',
  'POST /queue/unhold': 'admin',
  'GET /queue/:mail/:recipient': 'admin',
  'POST /queue/:mail/:recipient/retry': 'admin',
  'POST /queue/:mail/:recipient/bounce': 'admin',
  'POST /queue/:mail/:recipient/hold': 'admin',
  'POST /queue/:mail/:recipient/unhold': 'admin',
  'POST /queue/:mail/:recipient/redirect': 'admin',
  'POST /queue/:mail/:recipient/discard': 'admin',
  'GET /policies': 'admin',
  'GET /policies/:name': 'admin',
  'PUT /policies/:name': 'admin',
  'GET /policies/:name/versions': 'admin',
  'GET /policies/simulations': 'admin',
  'POST /policies/simulations': 'admin',
  'GET /policies/simulations/:id': 'admin',
  'DELETE /policies/simulations/:id': 'admin',
  'GET /usage/:address': 'self admin',
  'POST /usage/:address/raise': 'admin domain-admin',
  'GET /archive/accounts': 'admin compliance',
  'GET /archive/accounts/:address': 'admin compliance',
  'PATCH /archive/accounts/:address': 'admin compliance',
  'GET /archive/accounts/:address/readers': 'self compliance',
  'GET /archive/mails': 'compliance self',
  'GET /archive/mails/:id': 'compliance self',
  'GET /archive/mails/:id/content': 'compliance self',
  'GET /alarms': 'admin',
  'POST /alarms/:id/acknowledge': 'admin',
  'GET /projections': 'admin',
  'GET /projections/:name': 'admin',
  'POST /projections/:name/rebuild': 'admin',
  'POST /projections/:name/verify': 'admin',
  'GET /reactions': 'admin',
  'GET /reactions/:name/parked': 'admin',
  'POST /reactions/:name/replay': 'admin',
  'GET /audit/events': 'admin compliance',
  'GET //health/live': 'anyone',
  'GET //health/ready': 'anyone',
  'GET //metrics': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /docs': 'anyone',
  'GET //': 'anyone',
  'GET //:page': 'anyone',
  'GET //mails/:mail': 'anyone',
  'GET //assets/:name': 'anyone',
}

/** What happens where the path alone does not decide: for user, other user, domain-admin, other domain's admin, admin, compliance. */
const DECIDED: Readonly<Record<string, { readonly expected: string; readonly body?: (mail: string) => object }>> = {
  'GET /domains': { expected: '403 403 sees hidden sees 403' },
  'GET /accounts': { expected: '403 403 sees hidden sees 403' },
  'POST /accounts': { expected: '403 403 201 403 201 403', body: (mail) => ({ address: `${mail}@one.test` }) },
  'GET /groups': { expected: '403 403 sees hidden sees 403' },
  'POST /groups': {
    expected: '403 403 201 403 201 403',
    body: (mail) => ({ address: `group-${mail}@one.test`, members: ['ann@one.test'] }),
  },
  'GET /quarantine': { expected: 'sees hidden sees hidden sees hidden' },
  'POST /quarantine/release': {
    expected: 'releasing failed releasing failed releasing failed',
    body: (mail) => ({ items: [{ mail, recipient: 'ann@one.test' }] }),
  },
  'POST /quarantine/discard': {
    expected: 'discarded failed discarded failed discarded failed',
    body: (mail) => ({ items: [{ mail, recipient: 'ann@one.test' }] }),
  },
  'GET /quarantine/:mail/:recipient': { expected: '200 404 200 404 200 404' },
  'POST /quarantine/:mail/:recipient/release': { expected: '202 404 202 404 202 404' },
  'POST /quarantine/:mail/:recipient/discard': { expected: '200 404 200 404 200 404' },
  'POST /quarantine/:mail/:recipient/block-sender': { expected: '200 404 200 404 200 404' },
  'GET /quarantine/:mail/:recipient/preview': { expected: '200 404 403 404 403 404' },
  'GET /mails': { expected: 'sees hidden sees hidden sees hidden' },
  'GET /mails/:mail': { expected: '200 404 200 404 200 404' },
  'GET /mails/:mail/content': { expected: '200 404 403 404 403 200' },
  'GET /refusals': { expected: '403 403 sees hidden sees 403' },
  'GET /archive/mails': { expected: 'sees hidden hidden hidden hidden sees' },
  'GET /archive/mails/:id': { expected: '200 404 404 404 404 200' },
  'GET /archive/mails/:id/content': { expected: '200 404 404 404 404 200' },
}

const IN_PATHS: Readonly<Record<string, string>> = {
  domain: 'one.test',
  address: 'ann@one.test',
  recipient: 'ann@one.test',
  entry: 'x@example.net',
  token: '00000000-0000-4000-8000-000000000000',
  id: '00000000-0000-4000-8000-000000000000',
  name: 'edge',
}

const here = installation()
const clients = {} as Record<Persona, ApiClient>
const routes = new RouteTable(CONTROLLERS).routes

const keyOf = (spec: RouteSpec): string => `${spec.verb.toUpperCase()} ${spec.base === 'root' ? '/' : ''}${spec.path}`
const pathOf = (spec: RouteSpec, mail: string): string =>
  (spec.base === 'root' ? `/${spec.path}` : spec.path).replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(
      name === 'mail' ? mail : spec.path.startsWith('/archive/mails/') ? archived : (IN_PATHS[name] ?? ''),
    ),
  )
const resourceDecides = (spec: RouteSpec): boolean =>
  !/:(domain|address)/.test(spec.path) && spec.access.who.some((who) => who === 'self' || who === 'domain-admin')

let mail: string
/** What ann's archive has. */
let archived: string
const held = (): Promise<string> =>
  here.api.mail(
    [{ address: 'ann@one.test', mailbox: 'ann@one.test' }],
    {},
    recordScan(clean),
    judge(scored('ann@one.test', 9)),
  )

beforeAll(async () => {
  const { api } = here
  for (const [persona, address] of Object.entries(PERSONAS) as [Persona, string | null][]) {
    clients[persona] =
      address === null
        ? api.anonymous
        : persona === 'token without the scope'
          ? await api.withToken(address, ['metrics:read'])
          : await api.as(address)
  }
  clients.compliance = clients.compliance.with({ 'mailkeep-reason': 'case 17' })
  await clients.admin.post('/groups', { address: 'staff@one.test', members: ['ann@one.test'] })
  api.parts.journal.refused(
    {
      stage: 'rcpt',
      client: { address: '192.0.2.5', name: null, helo: null },
      reversePath: 'x@y.test',
      recipient: 'ann@one.test',
      reply: { code: 550, enhancedCode: '5.1.1', text: 'no' },
      check: 'unknown-recipient',
      evidence: null,
    },
    { kind: 'system', part: 'mx' },
  )
  await api.parts.journal.flush()
  mail = await held()
  const cleared = await api.mail(
    [{ address: 'ann@one.test', mailbox: 'ann@one.test' }],
    {},
    recordScan(clean),
    judge(scored('ann@one.test', 0)),
    archive('ann@one.test'),
  )
  archived = itemId({ mail: cleared, account: 'ann@one.test', role: 'received' })
  await api.settled()
})

it('has every route that is served, and none that is not', () => {
  expect(Object.keys(WHO).toSorted()).toEqual(routes.map(keyOf).toSorted())
  expect(Object.keys(DECIDED).toSorted()).toEqual(routes.filter(resourceDecides).map(keyOf).toSorted())
})

it('declares for each route who may, as the contract says', () => {
  expect(Object.fromEntries(routes.map((spec) => [keyOf(spec), spec.access.who.toSorted().join(' ')]))).toEqual(
    Object.fromEntries(Object.entries(WHO).map(([key, who]) => [key, who.split(' ').toSorted().join(' ')])),
  )
})

/** What the door must say, from the role words alone. */
const expectedAtTheDoor = (spec: RouteSpec, persona: Persona): 'in' | '401' | '403' => {
  const who = WHO[keyOf(spec)]?.split(' ') ?? []
  if (who.includes('anyone')) return 'in'
  if (persona === 'anonymous') return '401'
  if (persona === 'token without the scope') return '403'
  const bound = !resourceDecides(spec)
  const admitted: Readonly<Record<string, readonly Persona[]>> = {
    everyone: personas,
    self: bound ? ['user'] : personas,
    'domain-admin': bound ? ['domain-admin', 'admin'] : ['domain-admin', "other domain's admin", 'admin'],
    admin: ['admin'],
    compliance: ['compliance'],
  }
  return who.some((word) => admitted[word]?.includes(persona)) ? 'in' : '403'
}

/** A parameter that nothing takes is found out after the door and before anything is done. */
const atTheDoor = (answer: ApiAnswer): string =>
  answer.status === 400 && answer.text.includes('query.who-may') ? 'in' : String(answer.status)

describe.each(routes.map((spec) => [keyOf(spec), spec] as const))('%s', (key, spec) => {
  it('admits whom the contract names, and nobody else', async () => {
    const outcomes: Record<string, string> = {}
    for (const persona of personas) {
      const answer = await clients[persona].send(spec.verb.toUpperCase() as ApiVerb, `${pathOf(spec, mail)}?who-may=1`)
      outcomes[persona] = atTheDoor(answer)
    }
    expect(outcomes).toEqual(Object.fromEntries(personas.map((persona) => [persona, expectedAtTheDoor(spec, persona)])))
  })

  const decided = DECIDED[key]
  if (decided === undefined) return
  it(`answers each person by what is theirs: ${decided.expected}`, async () => {
    const deciding = ['user', 'other user', 'domain-admin', "other domain's admin", 'admin', 'compliance'] as const
    const outcomes = await Promise.all(
      deciding.map(async (persona) => {
        const own = spec.verb === 'get' ? mail : await held()
        const body = decided.body?.(own)
        return outcomeOf(spec, await clients[persona].send(spec.verb.toUpperCase() as ApiVerb, pathOf(spec, own), body))
      }),
    )
    expect(outcomes.join(' ')).toBe(decided.expected)
  })
})

const MARKS: Readonly<Record<string, () => string>> = {
  'GET /domains': () => '"one.test"',
  'GET /accounts': () => 'ann@one.test',
  'GET /groups': () => 'staff@one.test',
  'GET /quarantine': () => mail,
  'GET /mails': () => mail,
  'GET /refusals': () => 'ann@one.test',
  'GET /archive/mails': () => archived,
}

function outcomeOf(spec: RouteSpec, answer: ApiAnswer): string {
  if (answer.status >= 400) return String(answer.status)
  const mark = MARKS[keyOf(spec)]
  if (mark !== undefined) return answer.text.includes(mark()) ? 'sees' : 'hidden'
  return answer.items.length > 0 ? String(answer.items[0]?.['state']) : String(answer.status)
}
