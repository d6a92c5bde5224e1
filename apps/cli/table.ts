import Table from 'cli-table3'
import { printable } from './printable.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** May be cut when the terminal is narrow. */
  readonly shrinks?: boolean
}

/** A value; `paint` colours it where there is colour. */
export type Cell = string | number | null | { readonly text: string; readonly paint: (text: string) => string }

const GAP = 2
const LEAST_WIDTH = 12

/** Plain, aligned columns: for files and pipes. */
export const plainTable = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): string => {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(textOf))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at] ?? ''))))
  return lines
    .map((line) =>
      columns
        .map(({ align }, at) => padded(line[at] ?? '', widths[at] ?? 0, align))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n')
}

/** For a terminal of this width: the header in `heading`, long cells cut where columns allow it. */
export const terminalTable = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  heading: (text: string) => string,
): string => {
  const table = new Table({
    head: columns.map(({ title }) => heading(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    colWidths: widthsFor(columns, rows, width),
    truncate: '…',
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' '.repeat(GAP),
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(row.map(painted))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const widthsFor = (columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] => {
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(textOf(row[at] ?? null))), 1),
  )
  let excess = natural.reduce((sum, one) => sum + one + GAP, -GAP) - width
  // The widest gives way first, until they are equally wide.
  while (excess > 0) {
    const [widest] = natural
      .map((one, at) => ({ one, at }))
      .filter(({ one, at }) => columns[at]?.shrinks === true && one > LEAST_WIDTH)
      .toSorted((a, b) => b.one - a.one)
    if (widest === undefined) break
    natural[widest.at] = widest.one - 1
    excess -= 1
  }
  return natural
}

const textOf = (cell: Cell): string =>
  cell === null ? '-' : printable(typeof cell === 'object' ? cell.text : String(cell))

const painted = (cell: Cell): string =>
  cell !== null && typeof cell === 'object' ? cell.paint(textOf(cell)) : textOf(cell)

const widthOf = (text: string): number => [...text].length

const padded = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}
