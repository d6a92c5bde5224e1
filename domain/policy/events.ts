import { z } from 'zod'
import { eventType, unchanged, type EventOf } from '../kernel/event-type.ts'

/*
 * Events of a policy, stream `policy-<name>`. Every version is the whole document, so that a verdict can be found again from the version alone.
 * THESE NAMES AND SHAPES ARE THE STORAGE FORMAT; the documents' own schemas (documents.ts) only ever gain fields with defaults.
 */
export const policyName = z.enum([
  'edge',
  'inspection',
  'delivery',
  'storage',
  'accounts',
  'submission',
  'relay',
  'digest',
  'archive',
])
export type PolicyName = z.output<typeof policyName>

/** `version` counts from 1; version 0 is the built-in default. */
export const PolicySet = eventType(
  'PolicySet',
  z.object({
    name: policyName,
    version: z.number().int().positive(),
    document: z.record(z.string(), z.unknown()),
    reason: z.string().max(1_000),
  }),
  // More names in each version.
  { version: 3, upcasts: { 1: unchanged, 2: unchanged } },
)

export const policyEventTypes = [PolicySet] as const
export type PolicyEvent = EventOf<typeof policyEventTypes>

export const policyStream = (name: PolicyName): `policy-${string}` => `policy-${name}`
