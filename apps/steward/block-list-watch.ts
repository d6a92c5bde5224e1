import { HOUR, type Instant } from '#domain/kernel/instant'
import { listHealth } from '#infra/dns/block-list-health'
import { inLanes } from './in-lanes.ts'
import type { StewardParts } from './steward-parts.ts'
import { settleAlarms } from './tell-alarm.ts'
import type { Trouble } from './trouble.ts'

type WatchParts = Pick<StewardParts, 'clock' | 'commands' | 'freshDns' | 'logger' | 'policies' | 'views'>

/**
 * Looks whether the block lists of policy still behave as lists do: every hour, when the policy changes, and after a start. One that doesn't is
 * not believed (infra/dns/uri-block-lists.ts looks by itself), and is an alarm until it does again or policy names it no more.
 */
export const blockListWatch = (stopping: AbortSignal): ((parts: WatchParts) => Promise<void>) => {
  let next: { readonly at: Instant; readonly policy: number } | null = null
  return async (parts) => {
    const { clock, freshDns, policies } = parts
    await policies.fresh()
    const { version, document } = policies.current('inspection')
    const now = clock()
    if (next !== null && next.policy === version && now < next.at) return
    const dns = freshDns()
    const found: Trouble[] = []
    const unknown = new Set<string>()
    await inLanes(document.uriBlockLists, stopping, async ({ zone, testEntry }) => {
      const health = await listHealth(dns, zone, { listed: testEntry, unlisted: 'invalid' })
      if (health.state === 'unknown') unknown.add(zone)
      else if (health.state === 'unwell')
        found.push({
          kind: 'block-list',
          subject: zone,
          detail: `The block list ${zone} ${health.why}. It counts for nothing until it is well again: see what its operators say, or take it out of the policy.`,
        })
    })
    if (stopping.aborted) return
    await settleAlarms(parts, 'block-list', found, (zone) => unknown.has(zone))
    next = { at: now + HOUR, policy: version }
  }
}
