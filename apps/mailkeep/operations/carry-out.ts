import { z } from 'zod'
import type { Foundation } from '../foundation.ts'
import { operations, type OperationName } from '../operations.ts'
import { OperationRefused, type Circumstances, type Operation } from './operation.ts'

export const isOperation = (name: string): name is OperationName => Object.hasOwn(operations, name)

/** Checks what was given and does it: the same for the socket and for a command line that opened the data itself. */
export const carryOut = async (
  foundation: Foundation,
  name: OperationName,
  given: unknown,
  circumstances: Circumstances,
): Promise<unknown> => {
  const operation = operations[name] as Operation<z.ZodType, unknown>
  const parsed = operation.given.safeParse(given)
  if (!parsed.success) throw new OperationRefused(problemsOf(parsed.error), { kind: 'usage' })
  return operation.run(foundation, parsed.data, circumstances)
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.length === 0 ? 'arguments' : path.map(String).join('.')}: ${message}`)
    .join('; ')
