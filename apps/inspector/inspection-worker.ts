import { workerData } from 'node:worker_threads'
import {
  DEFAULT_ATTACHMENT_POLICY,
  DETECTED_TYPES,
  blockedAttachments,
  type AttachmentFact,
  type AttachmentPolicy,
} from '#domain/scoring/attachments'
import { authenticationSymbols } from '#domain/scoring/authentication-symbols'
import { dnsEvidence, formatEvidence } from '#domain/scoring/evidence'
import { weightsVersion } from '#domain/scoring/weights'
import { openVirusScanner } from '#infra/antivirus/open'
import { contentReader } from '#infra/content-scan/reader'
import { heuristicSymbols } from '#infra/content-scan/heuristics'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { MAIL_BOUNDS, boundedResolver } from '#infra/dns/bounded-resolver'
import { recordingResolver } from '#infra/dns/recording-resolver'
import { systemResolver } from '#infra/dns/system-resolver'
import { authenticateMail } from '#infra/mail-auth/authenticate-mail'
import type { Inspection, InspectionAnswer, InspectionJob, InspectionWorkerData, Judgement } from './inspection.ts'

/*
 * One thread of the inspection pool: reads the mail once, has it scanned, and, unless that rules it out, authenticates it and looks for
 * symbols. Decides nothing: verdicts are made from what it finds, by the rules in domain/.
 */
const settings = workerData as InspectionWorkerData

const content = openFsContentReader(settings.content)
const readContent = contentReader()
const scanner = await openVirusScanner({
  engines: settings.engines,
  readContent,
  ...(settings.clamdAddress === null ? {} : { clamdAddress: settings.clamdAddress }),
})
const dns = systemResolver({ servers: settings.dnsServers })

const inspect = async (job: InspectionJob): Promise<Inspection> => {
  const { bytes } = job
  const raw =
    bytes === undefined
      ? await content.read(job.contentHash, job.size)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (job.wants === 'judge') return { scan: null, judgement: await judge(job, raw, attachmentsOf(raw)) }
  const { outcome, facts } = await scanner.scanMessage(raw)
  if (job.wants === 'scan' || !mayBeJudged(outcome, job.scored)) return { scan: outcome, judgement: null }
  const identity = outcome.outcome === 'clean' || outcome.outcome === 'unscannable' ? outcome.scanner : null
  return { scan: outcome, judgement: await judge({ ...job, scanner: identity }, raw, facts.attachments) }
}

const mayBeJudged = (outcome: NonNullable<Inspection['scan']>, scored: readonly string[]): boolean =>
  outcome.outcome === 'clean' ||
  (outcome.outcome === 'unscannable' && outcome.findings.every(({ kind }) => scored.includes(kind)))

const judge = async (job: InspectionJob, raw: Buffer, attachments: readonly AttachmentFact[]): Promise<Judgement> => {
  const recorded = recordingResolver(boundedResolver(dns, MAIL_BOUNDS))
  const { results, header } = await authenticateMail({
    raw,
    ip: job.client.address,
    helo: job.client.helo,
    reversePath: job.reversePath,
    hostname: job.hostname,
    dns: recorded,
    now: job.acceptedAt,
  })
  return {
    results,
    header,
    symbols: [
      ...authenticationSymbols(results),
      ...heuristicSymbols({ raw, acceptedAt: job.acceptedAt, reversePath: job.reversePath }),
    ],
    blockedAttachments: job.attachments.enabled ? sentencesOfBlocked(attachments, job.attachments) : [],
    evidence: formatEvidence({
      format: 1,
      clock: job.acceptedAt,
      client: job.client,
      reversePath: job.reversePath,
      hostname: job.hostname,
      dns: dnsEvidence(recorded.answers()),
      scanner: job.scanner,
      model: null,
      weights: weightsVersion,
      policyVersion: job.policyVersion,
    }),
  }
}

/** `invoice.pdf.exe (windows-executable)`: the name that a reader would see, else where the file is. */
const sentencesOfBlocked = (attachments: readonly AttachmentFact[], policy: InspectionJob['attachments']): string[] =>
  blockedAttachments(attachments, attachmentPolicy(policy)).map(({ path, what, why }) => {
    const name = attachments.find((fact) => fact.path === path)?.names[0] ?? path
    return `${name} (${why === 'type' ? what : `.${what}`})`
  })

/** Reads the mail's files without having them scanned again. */
const attachmentsOf = (raw: Buffer): readonly AttachmentFact[] => {
  const reading = readContent(raw)
  const parts = reading.parts[Symbol.iterator]()
  while (parts.next().done !== true) continue
  return reading.attachments
}

const attachmentPolicy = ({ blockedContent, blockedExtensions }: InspectionJob['attachments']): AttachmentPolicy => ({
  ...DEFAULT_ATTACHMENT_POLICY,
  ...(blockedExtensions === null ? {} : { blockedExtensions: [...blockedExtensions] }),
  ...(blockedContent === null ? {} : { blockedTypes: DETECTED_TYPES.filter((type) => blockedContent.includes(type)) }),
})

export default async (job: InspectionJob): Promise<InspectionAnswer> => {
  try {
    return { inspection: await inspect(job) }
  } catch (error) {
    const { name, message, stack = null } = error instanceof Error ? error : new Error(String(error))
    return { failure: { name, message, stack } }
  }
}
