import { createColors } from 'picocolors'
import type { Io, Output } from './io.ts'
import { plainTable, terminalTable, type Cell, type Column } from './table.ts'

type Colors = ReturnType<typeof createColors>

const DEFAULT_WIDTH = 100

/** How a command speaks: tables and colour on a terminal, plain text in a pipe, JSON when asked for. */
export class Screen {
  readonly json: boolean
  readonly colors: Colors
  readonly #io: Io

  constructor(io: Io, json: boolean) {
    this.#io = io
    this.json = json
    this.colors = createColors(!json && isColourful(io, io.stdout))
  }

  get isTerminal(): boolean {
    return this.#io.stdout.isTTY === true
  }

  /** The answer of a command: as JSON, or as `show` says it. */
  answer(value: unknown, show: () => void): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    else show()
  }

  line(text = ''): void {
    this.#io.stdout.write(`${text}\n`)
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    this.line(
      this.isTerminal
        ? terminalTable(columns, rows, this.#io.stdout.columns ?? DEFAULT_WIDTH, this.colors.bold)
        : plainTable(
            columns.map((column) => ({ ...column, title: column.title.toUpperCase() })),
            rows,
          ),
    )
  }

  /** Names and values, one a line. */
  facts(facts: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...facts.map(([name]) => name.length))
    for (const [name, value] of facts) this.line(`${this.colors.dim(name.padEnd(width))}  ${value}`)
  }

  /** Beside the answer: on stderr, and not with --json. */
  note(text: string): void {
    if (!this.json) this.#io.stderr.write(`${text}\n`)
  }
}

/** https://no-color.org: set and not empty switches it off. */
export const isColourful = ({ env }: Io, to: Output): boolean =>
  to.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
