import { z } from 'zod'

/**
 * Who asked for it: a person by account address, a part of the system by its name (`mx`, `inspector`, `courier` ...),
 * or an operator at the command line.
 */
export const actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account'), address: z.string() }),
  z.object({ kind: z.literal('system'), part: z.string() }),
  z.object({ kind: z.literal('operator'), name: z.string() }),
])
export type Actor = z.output<typeof actor>
