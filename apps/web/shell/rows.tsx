import { Button, Skeleton, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useWords } from '../words/words'
import { ProblemShown } from './problem'

export interface RowsProps<Item> {
  readonly list: {
    readonly items: readonly Item[]
    readonly error: Error | null
    readonly isPending: boolean
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    fetchNextPage(): unknown
    refetch(): unknown
  }
  readonly keyOf: (item: Item) => string
  /** What the table is, for who does not see it. */
  readonly label: string
  /** What the page says when there is nothing. */
  readonly empty: string
  readonly columns: readonly {
    readonly name: string
    readonly cell: (item: Item) => ReactNode
    readonly numbers?: boolean
  }[]
}

/** A list for administrators: full width, dense, as much as one wants of it. */
export const Rows = <Item,>({ columns, empty, keyOf, label, list }: RowsProps<Item>) => {
  const words = useWords().find
  if (list.error !== null) return <ProblemShown error={list.error} retry={() => void list.refetch()} />
  if (list.isPending) return <Skeleton className="late" height={200} />
  if (list.items.length === 0) return <Text>{empty}</Text>
  return (
    <>
      <div className="wide" tabIndex={0} role="region" aria-label={label}>
        <Table stickyHeader highlightOnHover verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ name, numbers }) => (
                <Table.Th key={name} className={numbers === true ? 'numbers' : undefined}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.items.map((item) => (
              <Table.Tr key={keyOf(item)}>
                {columns.map(({ cell, name, numbers }) => (
                  <Table.Td key={name} className={numbers === true ? 'numbers' : undefined}>
                    {cell(item)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {list.hasNextPage ? (
        <Button variant="default" mt="md" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.older}
        </Button>
      ) : null}
    </>
  )
}
