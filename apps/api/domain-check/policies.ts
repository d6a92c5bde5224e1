import { isTemporary, txtTexts } from '#infra/dns/port'
import { tagList } from '#infra/mail-auth/tag-list'
import { type CheckedDomain, type Finding, noAnswer, publishTxt } from './finding.ts'

/** Upwards from the domain itself, at most so many names are asked (RFC 9989 4.10). */
const DMARC_STEPS = 8

const textsAt = async ({ dns }: CheckedDomain, name: string, begins: RegExp) => {
  const { outcome, records } = await dns.query(name, 'TXT')
  return { outcome, texts: txtTexts(records).filter((text) => begins.test(text)) }
}

export const checkDmarc = async (checked: CheckedDomain): Promise<Finding> => {
  const { domain } = checked
  const expected = `v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}`
  const labels = domain.split('.')
  const names = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'))
  for (const [step, at] of names.slice(0, DMARC_STEPS).entries()) {
    const name = `_dmarc.${at}`
    const { outcome, texts } = await textsAt(checked, name, /^v=DMARC1[ \t]*(;|$)/i)
    const finding = (status: Finding['status'], advice: string): Finding => ({
      check: 'dmarc',
      name,
      type: 'TXT',
      status,
      needed: true,
      published: [...texts],
      expected: status === 'ok' ? (texts[0] ?? expected) : expected,
      publish: status === 'wrong' ? publishTxt(`_dmarc.${domain}`, expected) : null,
      advice,
    })
    if (isTemporary(outcome)) return finding('unknown', noAnswer(outcome))
    const [text] = texts
    if (text === undefined) continue
    if (texts.length > 1)
      return finding('wrong', `There are ${texts.length} DMARC records; with more than one none counts.`)
    const tags = tagList(text)
    const policy = (step > 0 ? tags?.get('sp') : undefined) ?? tags?.get('p')
    if (policy === undefined || !/^(none|quarantine|reject)$/i.test(policy))
      return finding('wrong', 'It says no policy that anybody knows: p is none, quarantine or reject.')
    const from = step > 0 ? ` (from ${at})` : ''
    if (policy.toLowerCase() === 'none')
      return finding(
        'warning',
        `It asks nobody to act on mail forged in your name (p=none)${from}. When the reports show only your own servers, let it be quarantine, then reject.`,
      )
    if (!tags?.has('rua'))
      return finding('warning', `It asks for no reports (rua)${from}: with them you see who sends in your name.`)
    return finding(
      'ok',
      `Mail forged in your name is to be ${policy.toLowerCase() === 'reject' ? 'refused' : 'quarantined'}${from}.`,
    )
  }
  return {
    check: 'dmarc',
    name: `_dmarc.${domain}`,
    type: 'TXT',
    status: 'missing',
    needed: true,
    published: [],
    expected,
    publish: publishTxt(`_dmarc.${domain}`, expected),
    advice:
      'No DMARC record: nobody is told what to do with mail forged in your name. Publish one; p=none is a way to begin.',
  }
}

interface OptionalRecord {
  readonly check: Finding['check']
  readonly name: string
  readonly begins: RegExp
  /** What its tag of that name has to be. */
  readonly tag: string
  readonly value: RegExp
  /** What to publish where there is none, or a wrong one. */
  readonly example: string
  readonly advice: Readonly<Record<'ok' | 'wrong' | 'missing', string>>
}

/** A record that a domain may do without, but may have only one of. */
const checkOptional = async (
  checked: CheckedDomain,
  { check, name, begins, tag, value, example, advice }: OptionalRecord,
): Promise<Finding> => {
  const { outcome, texts } = await textsAt(checked, name, begins)
  const [text] = texts
  const status = isTemporary(outcome)
    ? 'unknown'
    : text === undefined
      ? 'missing'
      : texts.length > 1 || !value.test(tagList(text)?.get(tag) ?? '')
        ? 'wrong'
        : 'ok'
  const expected = status === 'ok' ? (text ?? '') : example
  return {
    check,
    name,
    type: 'TXT',
    status,
    needed: false,
    published: [...texts],
    expected,
    publish: status === 'missing' || status === 'wrong' ? publishTxt(name, expected) : null,
    advice: status === 'unknown' ? noAnswer(outcome) : advice[status],
  }
}

/** The record alone (RFC 8461 3.1); the policy behind it is served by a web server. */
export const checkMtaSts = (checked: CheckedDomain): Promise<Finding> => {
  const { domain, hostname, now } = checked
  const policy = `https://mta-sts.${domain}/.well-known/mta-sts.txt`
  return checkOptional(checked, {
    check: 'mta-sts',
    name: `_mta-sts.${domain}`,
    begins: /^v=STSv1[ \t]*;/,
    tag: 'id',
    value: /^[A-Za-z0-9]{1,32}$/,
    example: `v=STSv1; id=${new Date(now).toISOString().replaceAll(/\D/g, '').slice(0, 14)}`,
    advice: {
      ok: `Others look for your policy at ${policy}: let its mx be ${hostname}, and change the id here whenever it changes.`,
      wrong: 'There is to be one record, with an id of at most 32 letters and digits.',
      missing: `Optional: with it others send to you over TLS only. Serve "version: STSv1", "mode: testing", "mx: ${hostname}", "max_age: 604800" (a line each) at ${policy}, then publish the record.`,
    },
  })
}

/** Where others report failures of TLS to (RFC 8460). */
export const checkTlsReports = (checked: CheckedDomain): Promise<Finding> => {
  const { domain } = checked
  return checkOptional(checked, {
    check: 'tls-rpt',
    name: `_smtp._tls.${domain}`,
    begins: /^v=TLSRPTv1[ \t]*;/,
    tag: 'rua',
    value: /^(mailto:|https:\/\/)/i,
    example: `v=TLSRPTv1; rua=mailto:postmaster@${domain}`,
    advice: {
      ok: 'Others know where to report failures of TLS to.',
      wrong: 'There is to be one record, with rua=mailto:... or https://...',
      missing: 'Optional: with it others report to you when TLS to your server fails.',
    },
  })
}
