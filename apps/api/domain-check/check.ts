import { z } from 'zod'
import { boundedResolver } from '#infra/dns/bounded-resolver'
import { checkDkim } from './dkim.ts'
import { type CheckedDomain, finding, type FindingStatus } from './finding.ts'
import { checkAddress, checkMx, checkReverse, ownAddresses } from './mx.ts'
import { checkDmarc, checkMtaSts, checkTlsReports } from './policies.ts'
import { checkSpf } from './spf.ts'

export const domainCheck = z
  .object({
    domain: z.string(),
    hostname: z.string(),
    sendingAddresses: z.array(z.string()).describe('from which its mail is sent, as far as is known'),
    ok: z.boolean().describe('nothing that is needed is missing or wrong'),
    findings: z.array(finding),
  })
  .meta({ id: 'DomainCheck' })

/** For one check: a domain with every address there may be asks far less. */
const BOUNDS = { questions: 2_000, elapsed: 30_000, size: 1024 * 1024 }
/** Addresses that our name has, of those that are looked at. */
const MOST_ADDRESSES = 32

/** Compares what the DNS says of a hosted domain with what it should say. */
export const checkDomain = async (given: CheckedDomain): Promise<z.output<typeof domainCheck>> => {
  const checked = { ...given, dns: boundedResolver(given.dns, BOUNDS) }
  const all = await ownAddresses(checked)
  const own = { ...all, sending: all.sending.slice(0, MOST_ADDRESSES) }
  const [mx, spf, dkim, dmarc, mtaSts, tlsReports, reverse] = await Promise.all([
    checkMx(checked, own),
    checkSpf(checked, own),
    checkDkim(checked),
    checkDmarc(checked),
    checkMtaSts(checked),
    checkTlsReports(checked),
    Promise.all(own.sending.map((address) => checkReverse(checked, address))),
  ])
  const findings = [mx, checkAddress(checked, own), ...reverse, spf, ...dkim, dmarc, mtaSts, tlsReports]
  return {
    domain: checked.domain,
    hostname: checked.hostname,
    sendingAddresses: [...own.sending],
    ok: findings.every(({ needed, status }) => !needed || !FAULTS.has(status)),
    findings,
  }
}

const FAULTS: ReadonlySet<FindingStatus> = new Set<FindingStatus>(['missing', 'wrong'])
