import { z } from 'zod'
import { policyDocument } from '#domain/policy/documents'
import { policyName, type PolicyName } from '#domain/policy/events'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation } from './operation.ts'

const document = z.record(z.string(), z.unknown())

export const policyOperations = {
  'policy-show': operation(z.strictObject({ name: policyName.nullable() }), async (foundation, { name }) => {
    await foundation.policies.fresh()
    return { items: (name === null ? policyName.options : [name]).map((one) => shown(foundation, one)) }
  }),

  /** The whole document; what is left out gets its default. */
  'policy-set': operation(
    z.strictObject({
      name: policyName,
      document,
      reason: z.string().trim().min(1).max(1_000),
      expectedVersion: z.number().int().nonnegative().optional(),
    }),
    async (foundation, { name, document: wanted, reason, expectedVersion }, circumstances) => {
      const { events } = accepted(
        await foundation.commands.policy(
          name,
          {
            kind: 'set-policy',
            name,
            document: wanted,
            reason,
            ...(expectedVersion === undefined ? {} : { expectedVersion }),
          },
          askedBy(foundation, circumstances, 'set'),
        ),
      )
      await foundation.policies.fresh()
      return { ...shown(foundation, name), changed: events.length > 0 }
    },
  ),
}

/** `defaults`: what the built-in version 0 says, so that a reader sees what was changed. */
const shown = ({ policies }: Foundation, name: PolicyName) => {
  const { version, document: current } = policies.current(name)
  return {
    name,
    version,
    document: current as Readonly<Record<string, unknown>>,
    defaults: policyDocument(name, {}) as Readonly<Record<string, unknown>>,
  }
}
