import type { Position } from '#infra/event-log/port'
import type { RequestedApproval } from './officers.ts'

/** How far the log is after all steps, and what waits. */
export class Steps {
  position: Position | null = null
  readonly approvals: RequestedApproval[] = []

  at(position: Position | null): void {
    if (position !== null && (this.position === null || position > this.position)) this.position = position
  }

  waits(requested: { readonly approval: RequestedApproval; readonly position: Position | null }): void {
    this.approvals.push(requested.approval)
    this.at(requested.position)
  }
}
