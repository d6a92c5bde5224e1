import type { ProjectorStatus } from '#apps/projector/projector'

/** What stands against readiness, as sentences (`GET /health/ready`). Views that an event has stopped are told by the API itself. */
export class Readiness {
  readonly #missing = new Map<string, string>()
  #stopping = false

  /** This listener has to be up before the start is complete. */
  awaits(listener: string, where: string): void {
    this.#missing.set(listener, where)
  }

  isUp(listener: string): void {
    this.#missing.delete(listener)
  }

  stops(): void {
    this.#stopping = true
  }

  problems({ thread, trouble, views }: Pick<ProjectorStatus, 'thread' | 'trouble' | 'views'>): readonly string[] {
    const behind = views.filter(({ state }) => state !== 'live' && state !== 'stopped').map(({ name }) => name)
    return [
      ...(this.#stopping ? ['Mailkeep is stopping'] : []),
      ...[...this.#missing].map(([listener, where]) => `${listener} does not listen on ${where} yet`),
      ...(thread === 'running' ? [] : [`the projector is ${thread}${trouble === null ? '' : `: ${trouble}`}`]),
      ...(thread === 'running' && trouble !== null ? [`the projector: ${trouble}`] : []),
      ...(thread === 'running' && views.length === 0 ? ['the views have not been opened yet'] : []),
      ...(behind.length === 0 ? [] : [`views that have not caught up: ${behind.join(', ')}`]),
    ]
  }
}
