import { type Address, domainOf } from '#domain/message/mailbox'
import { administers, type Asker, hasRole, isAdmin } from './asker.ts'
import { Problem } from './problem.ts'
import { covers, type Scope } from './scopes.ts'

/**
 * Who a route is for (the third column of interface.md §4).
 * - `anyone`: without sign-in too
 * - `everyone`: any account, for what is its own
 * - `self`: the account the route is about (`about`), or, where a route is about no one account, any account for its own part
 * - `domain-admin`: the administrator of the domain the route is about; an `admin` may all that one may
 * - `admin`, `compliance`: by role
 */
type Who = 'anyone' | 'everyone' | 'self' | 'domain-admin' | 'admin' | 'compliance'

/** What a route is about, from its path alone; null where the controller has to look first. */
export interface About {
  readonly account?: Address
  readonly domain?: string
}

export interface AccessRule {
  readonly who: readonly Who[]
  /** What a token needs; null: no token may, only a session. */
  readonly scope: Scope | null
}

/** Throws the problem that stands against it. Resource-dependent rights of lists are narrowed by the controllers. */
export function admit(rule: AccessRule, asker: Asker | null, about: About | null): void {
  if (rule.who.includes('anyone')) return
  if (asker === null) {
    throw new Problem(
      'signed-out',
      'This needs a sign-in: POST /api/v1/session, then send Authorization: Bearer <token>.',
      {
        headers: { 'WWW-Authenticate': 'Bearer realm="mailkeep"' },
      },
    )
  }
  if (asker.by.kind === 'token') requireScope(rule.scope, asker.by.scopes)
  if (!rule.who.some((who) => holds(who, asker, about)))
    throw new Problem('forbidden', refusalSentence(rule.who, about))
}

function requireScope(needed: Scope | null, held: readonly Scope[]): void {
  if (needed === null) throw new Problem('forbidden', 'An API token may not do this; sign in.')
  if (!covers(held, needed)) throw new Problem('forbidden', `This API token lacks the scope ${needed}.`)
}

function holds(who: Who, asker: Asker, about: About | null): boolean {
  switch (who) {
    case 'anyone':
    case 'everyone':
      return true
    case 'self':
      return about === null || about.account === asker.address
    case 'domain-admin': {
      const domain = about?.domain ?? (about?.account === undefined ? null : domainOf(about.account))
      return domain === null ? isAdmin(asker) || hasRole(asker, 'domain-admin') : administers(asker, domain)
    }
    case 'admin':
      return isAdmin(asker)
    case 'compliance':
      return hasRole(asker, 'compliance')
  }
}

const NAMES: Readonly<Record<Who, string>> = {
  anyone: 'anyone',
  everyone: 'every account',
  self: 'the account itself',
  'domain-admin': "the domain's administrator",
  admin: 'an administrator',
  compliance: 'a compliance officer',
}

function refusalSentence(who: readonly Who[], about: About | null): string {
  const subject = about?.account ?? about?.domain
  return `Only ${who.map((one) => NAMES[one]).join(' or ')} may do this${subject === undefined ? '' : ` for ${subject}`}.`
}
