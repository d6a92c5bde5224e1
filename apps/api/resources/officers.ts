import { Inject, Injectable } from '@nestjs/common'
import type { Role } from '#domain/account/events'
import type { ApprovalSubject } from '#domain/approval/events'
import type { Position } from '#infra/event-log/port'
import { domainAsker, itself } from '../auth/domain-asker.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import type { SignedCall } from '../route/route.ts'
import { done } from '../route/outcome.ts'
import { DirectoryReads } from './directory-reads.ts'
import { toTimeOrNull } from './shapes.ts'

export interface RequestedApproval {
  readonly id: string
  readonly state: string
  readonly dueAt: string | null
}

/** What makes somebody a compliance officer, or lets somebody in as one, takes a second person (interface.md §4). */
@Injectable()
export class Officers {
  readonly #parts: ApiParts
  readonly #directory: DirectoryReads

  constructor(@Inject(API_PARTS) parts: ApiParts, @Inject(DirectoryReads) directory: DirectoryReads) {
    this.#parts = parts
    this.#directory = directory
  }

  async request(
    subject: ApprovalSubject,
    call: SignedCall,
  ): Promise<{ approval: RequestedApproval; position: Position | null }> {
    const id = call.commandId('approval')
    const administrators = await this.#directory.administrators()
    const { state, position } = done(
      await this.#parts.commands.approval(
        id,
        {
          kind: 'request-approval',
          subject,
          asker: domainAsker(call.asker),
          now: call.now,
          numberOfAdmins: administrators.length,
          delay: this.#parts.policies.current('accounts').document.approvalDelay,
        },
        call.asked('request-approval'),
      ),
    )
    return { approval: { id, state: state?.state ?? 'waiting', dueAt: toTimeOrNull(state?.dueAt ?? null) }, position }
  }

  /** After an approval: the change itself, then the note that it was made. */
  async carryOut(id: string, subject: ApprovalSubject, call: SignedCall): Promise<Position | null> {
    if (subject.kind !== 'roles' && subject.kind !== 'password') return null
    const asked = { ...call.asked('carry-out'), correlationId: id }
    if (subject.kind === 'roles') {
      done(
        await this.#parts.commands.account(
          subject.account,
          { kind: 'change-roles', roles: subject.roles, asker: itself, approved: true },
          asked,
        ),
      )
    } else {
      done(
        await this.#parts.commands.account(
          subject.account,
          { kind: 'set-password', hash: subject.hash, asker: itself, approved: true },
          asked,
        ),
      )
    }
    return done(await this.#parts.commands.approval(id, { kind: 'apply', now: call.now }, call.asked('apply'))).position
  }
}

export const isOfficer = (roles: readonly Role[]): boolean => roles.includes('compliance')
