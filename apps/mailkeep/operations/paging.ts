import { z } from 'zod'

/** `<mail>/<recipient>`: after which row a list goes on. */
export const entryKey = z
  .string()
  .max(400)
  .regex(/^[0-9A-Z]{26}\/.+$/, 'expected `next` of the list before')
  .transform((text) => ({ mail: text.slice(0, 26), recipient: text.slice(27) }))

export const keyOf = (row: { readonly mail: string; readonly recipient: string } | undefined): string | null =>
  row === undefined ? null : `${row.mail}/${row.recipient}`
