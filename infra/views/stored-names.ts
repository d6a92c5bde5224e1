import type { Table } from '#domain/kernel/projection'

/** Every build of a view has tables of its own: `quarantine:items:3`. */
export const storedName = (projection: string, table: string, generation: number): string =>
  `${projection}:${table}:${generation}`

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Above this many columns rows are long, and a table that keeps them in its key's tree gets slow. */
const SHORT_ROW = 8

/** The statements that make one table with its indexes. */
export function tableDefinition(table: Table, stored: string): string {
  const columns = Object.entries(table.columns).map(
    ([column, type]) => `${quoted(column)} ${type.toUpperCase()}${table.key.includes(column) ? ' NOT NULL' : ''}`,
  )
  const options = columns.length <= SHORT_ROW ? 'STRICT, WITHOUT ROWID' : 'STRICT'
  return `CREATE TABLE ${quoted(stored)} (${columns.join()}, PRIMARY KEY (${table.key.map(quoted).join()})) ${options}`
}

export const indexDefinitions = (table: Table, stored: string): readonly string[] =>
  (table.indexes ?? []).map(
    (columns, number) =>
      `CREATE INDEX IF NOT EXISTS ${quoted(`${stored}:${number}`)} ON ${quoted(stored)} (${columns.map(quoted).join()})`,
  )
