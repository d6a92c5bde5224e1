import type { Cell, Change, Key, Row, Table } from '#domain/kernel/projection'

/** Before anything is written: a projection that makes a row its table can't hold stops there, with the event in hand. */
export function checkChange(table: Table, change: Change): void {
  switch (change.change) {
    case 'put':
      checkRow(table, change.row)
      return
    case 'set':
    case 'add':
      checkKey(table, change.key)
      checkValues(table, change.values)
      return
    case 'remove':
      checkKey(table, change.key)
  }
}

function checkRow(table: Table, row: Row): void {
  let columns = 0
  for (const column in table.columns) {
    columns++
    const cell = row[column]
    if (cell === undefined) throw new TypeError(`table ${table.name}: the row lacks column ${column}`)
    if (cell !== null) checkCell(table, column, cell)
  }
  for (const column of table.key) {
    if (row[column] === null) throw new TypeError(`table ${table.name}: key column ${column} is null`)
  }
  let given = 0
  for (const _ in row) given++
  if (given !== columns) {
    const unknown = Object.keys(row).filter((column) => table.columns[column] === undefined)
    throw new TypeError(`table ${table.name} has no column ${unknown.join(', ')}`)
  }
}

function checkValues(table: Table, values: Row): void {
  for (const column in values) {
    const cell = values[column]
    if (table.columns[column] === undefined) throw new TypeError(`table ${table.name} has no column ${column}`)
    if (table.key.includes(column)) throw new TypeError(`table ${table.name}: ${column} is of the key and can't be set`)
    if (cell === undefined) throw new TypeError(`table ${table.name}: ${column} is undefined`)
    if (cell !== null) checkCell(table, column, cell)
  }
}

export function checkKey(table: Table, key: Key): void {
  if (key.length !== table.key.length) {
    throw new TypeError(`table ${table.name}: its key is (${table.key.join(', ')}), not ${key.length} values`)
  }
  for (let index = 0; index < key.length; index++) {
    const cell = key[index]
    if (cell === undefined || cell === null)
      throw new TypeError(`table ${table.name}: the key has no ${table.key[index]}`)
    checkCell(table, table.key[index] as string, cell)
  }
}

function checkCell(table: Table, column: string, cell: Exclude<Cell, null>): void {
  const type = table.columns[column]
  const fits =
    type === 'text' ? typeof cell === 'string' : type === 'integer' ? Number.isSafeInteger(cell) : Number.isFinite(cell)
  if (!fits)
    throw new TypeError(`table ${table.name}: ${column} is ${type}, not ${typeof cell} ${String(cell).slice(0, 50)}`)
}
