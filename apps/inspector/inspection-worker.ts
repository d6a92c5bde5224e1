import { workerData } from 'node:worker_threads'
import type { AttachmentFact } from '#domain/scoring/attachments'
import { openVirusScanner } from '#infra/antivirus/open'
import type { ScanOutcome } from '#infra/antivirus/port'
import { contentReader } from '#infra/content-scan/reader'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { systemResolver } from '#infra/dns/system-resolver'
import type { Inspection, InspectionAnswer, InspectionJob, InspectionWorkerData, Judging } from './inspection.ts'
import { findJudgement } from './judgement.ts'

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
  const { judging } = job
  if (judging !== null && job.wants === 'judge')
    return { scan: null, judgement: await findJudgement(judging, raw, attachmentsOf(raw), dns) }
  const { outcome, facts } = await scanner.scanMessage(raw)
  if (judging === null || job.wants === 'scan' || !mayBeJudged(outcome, job.scored))
    return { scan: outcome, judgement: null }
  return {
    scan: outcome,
    judgement: await findJudgement({ ...judging, ...scannedBy(outcome) }, raw, facts.attachments, dns),
  }
}

const scannedBy = (outcome: ScanOutcome): Pick<Judging, 'scanner' | 'unscannable'> => {
  if (outcome.outcome === 'clean') return { scanner: outcome.scanner, unscannable: [] }
  if (outcome.outcome !== 'unscannable') return { scanner: null, unscannable: [] }
  return { scanner: outcome.scanner, unscannable: outcome.findings.map(({ kind }) => kind) }
}

const mayBeJudged = (outcome: NonNullable<Inspection['scan']>, scored: readonly string[]): boolean =>
  outcome.outcome === 'clean' ||
  (outcome.outcome === 'unscannable' && outcome.findings.every(({ kind }) => scored.includes(kind)))

/** Reads the mail's files without having them scanned again. */
const attachmentsOf = (raw: Buffer): readonly AttachmentFact[] => {
  const reading = readContent(raw)
  const parts = reading.parts[Symbol.iterator]()
  while (parts.next().done !== true) continue
  return reading.attachments
}

export default async (job: InspectionJob): Promise<InspectionAnswer> => {
  try {
    return { inspection: await inspect(job) }
  } catch (error) {
    const { name, message, stack = null } = error instanceof Error ? error : new Error(String(error))
    return { failure: { name, message, stack } }
  }
}
