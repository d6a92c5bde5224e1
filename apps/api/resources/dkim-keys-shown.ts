import { z } from 'zod'
import { DKIM_OVERLAP, dkimRecord, type DkimKey } from '#domain/hosted-domain/dkim'
import { dkimAlgorithm } from '#domain/hosted-domain/events'
import { DAY } from '#domain/kernel/instant'
import { boundedResolver } from '#infra/dns/bounded-resolver'
import type { DnsResolver } from '#infra/dns/port'
import { seenDkimRecord } from '#infra/mail-auth/dkim-record'
import { publishTxt } from '../domain-check/finding.ts'
import { time, toTime } from './shapes.ts'

export const dkimKeysShape = z
  .object({
    domain: z.string(),
    overlapDays: z.number().describe('how long the record of a replaced key has to stay'),
    keys: z.array(
      z.object({
        selector: z.string(),
        algorithm: dkimAlgorithm,
        state: z
          .enum(['waiting', 'signing', 'replaced', 'retired'])
          .describe(
            'waiting: it signs when its record is seen; replaced: another signs, the record stays for mail under way; retired: the record may go',
          ),
        because: z.enum(['published', 'administrator', 'demo']).nullable().describe('why it began to sign'),
        addedAt: time,
        since: time.describe('since when it is in this state'),
        record: z.object({
          name: z.string(),
          type: z.literal('TXT'),
          value: z.string(),
          zone: z.string().describe('as a line of a zone file, in strings of at most 255 characters'),
        }),
        published: z
          .enum(['published', 'missing', 'different', 'unknown'])
          .nullable()
          .describe('whether the record is in the DNS now; null: nobody looked, the key is retired'),
        problem: z.string().nullable().describe('what is there instead'),
      }),
    ),
  })
  .meta({ id: 'DomainDkim' })

/** All keys of a domain, never a private one, with what the DNS says of their records now. */
export const shownDkimKeys = async (
  domain: string,
  keys: readonly DkimKey[],
  dns: DnsResolver,
): Promise<z.output<typeof dkimKeysShape>> => {
  const bounded = boundedResolver(dns, { questions: 100, elapsed: 15_000, size: 256 * 1024 })
  return {
    domain,
    overlapDays: DKIM_OVERLAP / DAY,
    keys: await Promise.all(
      keys.map(async (key) => {
        const { selector, algorithm, state, because, addedAt, since } = key
        const { name, text } = dkimRecord(domain, key)
        const seen = state === 'retired' ? null : await seenDkimRecord(bounded, domain, key)
        return {
          selector,
          algorithm,
          state,
          because,
          addedAt: toTime(addedAt),
          since: toTime(since),
          record: { name, type: 'TXT' as const, value: text, zone: publishTxt(name, text) },
          published: seen?.state ?? null,
          problem: seen?.problem ?? null,
        }
      }),
    ),
  }
}
