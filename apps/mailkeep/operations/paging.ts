import { z } from 'zod'
import { route, type Route } from '#domain/mail/events'

/** `<mail>/<recipient>`: after which row a list goes on. */
export const entryKey = z
  .string()
  .max(400)
  .regex(/^[0-9A-Z]{26}\/.+$/, 'expected `next` of the list before')
  .transform((text) => ({ mail: text.slice(0, 26), recipient: text.slice(27) }))

export const keyOf = (row: { readonly mail: string; readonly recipient: string } | undefined): string | null =>
  row === undefined ? null : `${row.mail}/${row.recipient}`

/** `<waiting>/<route>/<domain>`: after which destination a list goes on. */
export const destinationKey = z
  .string()
  .max(300)
  .regex(/^\d{1,10}\/(mailbox|relay)\/.+$/, 'expected `next` of the list before')
  .transform((text) => {
    const [waiting, way, ...domain] = text.split('/')
    return { waiting: Number(waiting), route: route.parse(way), domain: domain.join('/') }
  })

export const destinationKeyOf = (
  row: { readonly waiting: number; readonly route: Route; readonly domain: string } | undefined,
): string | null => (row === undefined ? null : `${row.waiting}/${row.route}/${row.domain}`)
