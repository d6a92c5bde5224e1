import { z } from 'zod'

/** The SMTP client as seen at the socket: its IP address, its verified (FCrDNS) name if any, what it said in HELO/EHLO. */
export const client = z.object({
  address: z.string(),
  name: z.string().nullable(),
  helo: z.string().nullable(),
})
export type Client = z.output<typeof client>
