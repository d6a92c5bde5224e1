import { generateKeyPairSync } from 'node:crypto'
import { parseArgs } from 'node:util'
import { authenticate, dkimSign, sealMessage } from 'mailauth'
import { dnsEvidence } from '#domain/scoring/evidence'
import { summariseHeaders } from '#infra/content-scan/summary'
import { MAIL_BOUNDS, boundedResolver } from '#infra/dns/bounded-resolver'
import { questionKey, type DnsAnswer, type DnsResolver, type DnsType } from '#infra/dns/port'
import { recordingResolver } from '#infra/dns/recording-resolver'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import { corpusMails } from '#test/conformance/auth/corpus'
import { median, say } from './measure.ts'

const HOSTNAME = 'mx.mailkeep.test'
const CLIENT = { ip: '192.0.2.1', helo: 'mail.sender.test' }

interface BenchMail {
  readonly raw: Buffer
  readonly sender: string
}

type Side = (mail: BenchMail) => Promise<string>

/**
 * SPF, DKIM, DMARC and ARC of the same mails by us, every answer of the DNS recorded, and by mailauth alone, both with the DNS in memory: mails of the
 * corpus as they are, signed (RSA-2048), and signed and sealed, a third each. Arguments: `--mails`, `--rounds`.
 */
export async function run(args: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({
    args: [...args],
    options: { mails: { type: 'string', default: '600' }, rounds: { type: 'string', default: '7' } },
  })
  const { mails, answers } = await world(Number(values.mails))
  const sides = { ours: ours(answers), bare: bare(answers) }
  const spent: Record<keyof typeof sides, number[]> = { ours: [], bare: [] }
  for (let round = 0; round <= Number(values.rounds); round++) {
    // Who begins changes; the first round warms up.
    const order = round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)
    for (const side of order) {
      say(`auth: round ${round}, ${side}`)
      const began = process.cpuUsage()
      for (const mail of mails) await sides[side](mail)
      const { user, system } = process.cpuUsage(began)
      if (round > 0) spent[side].push((user + system) / 1_000 / mails.length)
    }
  }
  say('')
  const passes = await Promise.all(mails.map(sides.ours))
  const theirs = await Promise.all(mails.map(sides.bare))
  const agree = passes.filter((result, at) => result === theirs[at]).length
  const ratio = median(spent.bare.map((cpu, at) => cpu / (spent.ours[at] ?? Number.NaN)))
  const [own, other] = [median(spent.ours), median(spent.bare)]
  return [
    `auth: ${Math.round(1_000 / own)} mails a second of processor with every answer recorded (${own.toFixed(2)} ms each), ${ratio.toFixed(2)} x bare mailauth (${other.toFixed(2)} ms), target 0.8 ${ratio >= 0.8 ? 'ok' : 'BELOW'}`,
    `auth: the same DMARC result for ${agree} of ${mails.length} mails`,
  ]
}

const ours =
  (answers: ReadonlyMap<string, DnsAnswer>): Side =>
  async ({ raw, sender }) => {
    const cache: DnsResolver = { query: async (name, type) => answerIn(answers, name, type) }
    const dns = recordingResolver(boundedResolver(cache, MAIL_BOUNDS))
    const { results } = await authenticateMail({
      raw,
      ...CLIENT,
      reversePath: sender,
      hostname: HOSTNAME,
      dns,
      now: Date.now(),
    })
    JSON.stringify(dnsEvidence(dns.answers()))
    return results.dmarc.result
  }

const bare =
  (answers: ReadonlyMap<string, DnsAnswer>): Side =>
  async ({ raw, sender }) => {
    const { dmarc } = await authenticate(raw, {
      ...CLIENT,
      sender,
      mta: HOSTNAME,
      disableBimi: true,
      strict: true,
      resolver: async (name, type) => {
        const { outcome, records } = answerIn(answers, name, type as DnsType)
        if (outcome === 'ok') return [...records] as string[][]
        throw Object.assign(new Error(name), { code: outcome === 'nodata' ? 'ENODATA' : 'ENOTFOUND' })
      },
    })
    return dmarc === false ? 'permerror' : (dmarc?.status.result ?? 'none')
  }

const answerIn = (answers: ReadonlyMap<string, DnsAnswer>, name: string, type: DnsType): DnsAnswer =>
  answers.get(questionKey(name, type)) ?? { name, type, outcome: 'nxdomain', records: [] }

/** Every sender has SPF and a policy; the keys are those of the one who signs and seals. */
const world = async (
  count: number,
): Promise<{ mails: readonly BenchMail[]; answers: ReadonlyMap<string, DnsAnswer> }> => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const answers = new Map<string, DnsAnswer>()
  const publish = (name: string, text: string): void => {
    answers.set(questionKey(name, 'TXT'), { name, type: 'TXT', outcome: 'ok', records: [[text]] })
  }
  const mails: BenchMail[] = []
  for (const { raw } of corpusMails()) {
    if (mails.length >= count) break
    const { from } = summariseHeaders(raw.subarray(0, 16_384))
    const domain = from?.address.split('@')[1] ?? ''
    if (from === null || !/^[a-z\d-]+(?:\.[a-z\d-]+)+$/.test(domain)) continue
    publish(domain, 'v=spf1 ip4:198.51.100.0/24 a mx include:_spf.sender.test ~all')
    publish(`_dmarc.${domain}`, 'v=DMARC1; p=quarantine; rua=mailto:dmarc@sender.test')
    publish(`key._domainkey.${domain}`, `v=DKIM1; k=rsa; p=${publicKey}`)
    mails.push({ raw: await prepared(raw, domain, privateKey, mails.length % 3), sender: from.address })
  }
  publish('_spf.sender.test', 'v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.0/24 -all')
  publish('key._domainkey.forwarder.test', `v=DKIM1; k=rsa; p=${publicKey}`)
  return { mails, answers }
}

const prepared = async (raw: Buffer, domain: string, privateKey: string, kind: number): Promise<Buffer> => {
  if (kind === 0) return raw
  const signer = { signingDomain: domain, selector: 'key', privateKey }
  const { signatures } = await dkimSign(raw, {
    ...signer,
    signatureData: [{ ...signer, canonicalization: 'relaxed/relaxed' }],
  })
  const signed = Buffer.concat([Buffer.from(signatures), raw])
  if (kind === 1) return signed
  const set = await sealMessage(signed, {
    signingDomain: 'forwarder.test',
    selector: 'key',
    privateKey,
    cv: 'none',
    authResults: `forwarder.test; dmarc=pass header.from=${domain}`,
  })
  return Buffer.concat([set, signed])
}
