import { Inject, Injectable } from '@nestjs/common'
import { domainOf } from '#domain/message/mailbox'
import type { AddressRow } from '#projections/directory/tables'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { freshen } from '../route/fresh-view.ts'
import { Problem, type ProblemPart } from '../route/problem.ts'
import { problemWithTarget } from './forward-targets.ts'

const VIEW = 'directory'
const MAX_NAMED = 100

/** Mail to a group becomes mail to its members at RCPT: nobody joins one to whom nothing could be delivered. */
@Injectable()
export class GroupMembers {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  /** Throws the problem that names whoever of `joining` is not known in a hosted domain, or is outside where policy lets no mail of the group go. */
  async mustExist(group: string, joining: readonly string[], members: readonly string[]): Promise<void> {
    const { events, policies, views } = this.#parts
    await Promise.all([
      policies.fresh(),
      freshen(this.#parts, VIEW, await events.lastPosition({ categories: ['domain', 'account'] })),
    ])
    const known = new Set(
      views
        .select<Pick<AddressRow, 'address'>>(
          VIEW,
          'SELECT address FROM {addresses} WHERE address IN (SELECT value FROM json_each(:joining))',
          { joining: JSON.stringify(joining) },
        )
        .map(({ address }) => address),
    )
    const problems: ProblemPart[] = []
    for (const member of joining) {
      if (known.has(member)) continue
      const problem = problemWithTarget(this.#parts, domainOf(group), member)
      if (problem === null) continue
      problems.push({ where: `body.members.${members.indexOf(member)}`, problem })
      if (problems.length >= MAX_NAMED) break
    }
    const [first] = problems
    if (first !== undefined) {
      const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
      throw new Problem('invalid', `${first.where}: ${first.problem}${others}`, { problems })
    }
  }
}
