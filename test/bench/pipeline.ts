/** What takes mail in by SMTP and brings it to an end, and how far it is. */
export interface Pipeline {
  readonly name: string
  readonly port: number
  /** All processes whose work this is, clamd apart. */
  pids(): readonly number[]
  /** Mails that have come to their end. */
  done(): number
  /** One line about how they ended. */
  outcome(): string
  stop(): Promise<void>
}

export interface PipelineSettings {
  /** Path of its socket. */
  readonly clamd: string
  readonly dns: string
}
