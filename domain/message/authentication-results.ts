import { z } from 'zod'

/** Result words of RFC 8601 2.7. `skipped` is not one of them: a check that did not run has no result. */
export const spfResult = z.enum(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror', 'policy'])
export const dkimResult = z.enum(['none', 'pass', 'fail', 'policy', 'neutral', 'temperror', 'permerror'])
export const dmarcResult = z.enum(['none', 'pass', 'fail', 'temperror', 'permerror'])
export const arcResult = z.enum(['none', 'pass', 'fail', 'temperror', 'permerror'])
export const dmarcPolicy = z.enum(['none', 'quarantine', 'reject'])

/**
 * What authentication said about one mail (RFC 7208, 6376, 7489, 8617): one typed result per method.
 * `aligned` is DMARC identifier alignment with the header From domain.
 */
export const authenticationResults = z.object({
  spf: z.object({
    result: spfResult,
    domain: z.string().nullable(),
    aligned: z.boolean(),
    explanation: z.string().nullable(),
    /** Of the HELO name, where the reverse path isn't null (RFC 7208 2.3); absent where there is no name. */
    helo: z.object({ result: spfResult, domain: z.string() }).optional(),
  }),
  dkim: z.array(
    z.object({
      result: dkimResult,
      domain: z.string().nullable(),
      selector: z.string().nullable(),
      algorithm: z.string().nullable(),
      aligned: z.boolean(),
      explanation: z.string().nullable(),
      /** Bytes of the body that it doesn't cover; absent where it has no `l=`. */
      unsigned: z.number().int().nonnegative().optional(),
    }),
  ),
  /** `policy` is what the From domain wants done with this mail when it fails (sp, np, pct and t applied), null where it publishes none. */
  dmarc: z.object({
    result: dmarcResult,
    domain: z.string().nullable(),
    policy: dmarcPolicy.nullable(),
    explanation: z.string().nullable(),
    /** A sealer that policy trusts saw it pass (RFC 8617 7.2.1): the result is that one's. */
    sealer: z.string().optional(),
  }),
  arc: z.object({ result: arcResult, instances: z.number().int().nonnegative(), explanation: z.string().nullable() }),
})
export type AuthenticationResults = z.output<typeof authenticationResults>
