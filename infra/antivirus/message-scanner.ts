import type { ContentFinding, ContentPart, ContentReader, ContentReading } from '#infra/content-scan/port'
import type { AttachmentFact } from '#domain/scoring/attachments'
import type { ScanEngine, Verdict } from './engine.ts'
import type { ScanOutcome, ScannerIdentity, ScanSource, VirusScanner } from './port.ts'
import { mergeIdentities } from './several.ts'

/** A scanner that also hands on what it learned of the mail's content, so that a mail is read once. */
export interface MessageScanner extends VirusScanner {
  scanMessage(message: Uint8Array, signal?: AbortSignal): Promise<ScannedMessage>
}

interface ScannedMessage {
  readonly outcome: ScanOutcome
  readonly facts: ContentFacts
}

interface ContentFacts {
  readonly attachments: readonly AttachmentFact[]
  readonly ambiguities: ContentReading['ambiguities']
}

export interface MessageScannerOptions {
  readonly engines: readonly ScanEngine[]
  readonly readContent: ContentReader
  /** Bytes; a longer message is not read into memory. */
  readonly maxMessageBytes: number
  /** How many parts of one message are with the engines at a time. */
  readonly parallelParts: number
}

/** As many as an event needs to name. */
const MAX_VIRUSES = 10

/**
 * Every engine sees the raw message, and of its readings the parts it wants. Infected beats unavailable beats
 * unscannable. The facts of an infected mail may be incomplete.
 */
export function messageScanner(options: MessageScannerOptions): MessageScanner {
  const { engines, readContent } = options
  const name = namesOf(engines)

  const scanMessage = async (message: Uint8Array, signal?: AbortSignal): Promise<ScannedMessage> => {
    const reading = readContent(message)
    const tally = new Tally()
    for (const part of bundled(withRaw(message, reading))) {
      if (tally.isOver) break
      // an infected mail whose readings are many: one virus is enough
      if (tally.viruses.length > 0 && reading.ambiguities.length > 0) break
      // not malformed, but as closed to us as if it were encrypted, and judged so
      if (engines.every((engine) => engine.isClosedTo(part)))
        tally.finding('encrypted', part.path, `a ${part.type} archive, which ${name} can't open`)
      for (const engine of engines) {
        if (part.path !== RAW && !engine.wants(part)) continue
        await tally.room(options.parallelParts)
        tally.add(part.path, engine.name, engine.scan(part.bytes, signal))
      }
    }
    await tally.settled()
    const facts = { attachments: reading.attachments, ambiguities: reading.ambiguities }
    return { facts, outcome: await conclude(tally, reading.findings, engines) }
  }

  return {
    name,
    identify: () => identify(engines),
    scanMessage,
    scan: async (source, signal) => {
      if (source.size > options.maxMessageBytes) {
        const detail = `${source.size} bytes are more than the limit of ${options.maxMessageBytes}`
        return conclude(new Tally(), [{ kind: 'too-large', part: '', detail }], engines)
      }
      const message = await collect(source, options.maxMessageBytes)
      return (await scanMessage(message, signal)).outcome
    },
    close: async () => {
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}

/** The whole message as it came; every other part has a path of its own. */
const RAW = '\0raw'

function* withRaw(message: Uint8Array, reading: ContentReading): Generator<ContentPart> {
  if (message.length > 0) yield { path: RAW, bytes: message, kind: 'verbatim', isFile: false, type: null }
  for (const part of reading.parts) if (part.bytes.length > 0) yield part
}

const BUNDLE_BYTES = 512 * 1024
const BUNDLED_UP_TO = 128 * 1024

/** The many small texts that other readings yield, a few at a time: each scan costs a connection. */
function* bundled(parts: Iterable<ContentPart>): Generator<ContentPart> {
  let texts: Uint8Array[] = []
  let size = 0
  let path = ''
  const flush = (): ContentPart[] => {
    const bundle =
      texts.length === 0
        ? []
        : [{ path, bytes: Buffer.concat(texts), kind: 'alternative' as const, isFile: false, type: null }]
    texts = []
    size = 0
    return bundle
  }
  for (const part of parts) {
    if (part.kind !== 'alternative' || part.isFile || part.bytes.length > BUNDLED_UP_TO) {
      yield part
      continue
    }
    if (texts.length === 0) path = part.path
    texts.push(part.bytes, LINE_BREAKS)
    size += part.bytes.length + LINE_BREAKS.length
    if (size > BUNDLE_BYTES) yield* flush()
  }
  yield* flush()
}

const LINE_BREAKS = Buffer.from('\n\n')

/** Verdicts as they come in, with a bound on those under way. */
class Tally {
  readonly viruses: { name: string; part: string }[] = []
  readonly findings: ContentFinding[] = []
  unavailable: string | null = null
  readonly #underWay = new Set<Promise<void>>()

  /** Nothing more is worth knowing. */
  get isOver(): boolean {
    return this.viruses.length >= MAX_VIRUSES || this.unavailable !== null
  }

  add(path: string, engine: string, verdict: Promise<Verdict>): void {
    const part = path === RAW ? '' : path
    const settled = verdict
      .then((one) => this.#count(part, one))
      .catch((error: unknown) => {
        this.unavailable = `${engine}: ${error instanceof Error ? error.message : String(error)}`
      })
      .finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
  }

  finding(kind: ContentFinding['kind'], part: string, detail: string): void {
    this.findings.push({ kind, part, detail })
  }

  async room(limit: number): Promise<void> {
    while (this.#underWay.size >= limit) await Promise.race(this.#underWay)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #count(part: string, one: Verdict): void {
    if (one.verdict === 'infected') {
      for (const name of one.viruses) this.viruses.push({ name, part })
    } else if (one.verdict === 'unscannable') this.findings.push({ kind: one.kind, part, detail: one.detail })
    else if (one.verdict === 'unavailable') this.unavailable = one.reason
  }
}

const namesOf = (engines: readonly ScanEngine[]): string => engines.map((engine) => engine.name).join('+')

const identify = async (engines: readonly ScanEngine[]): Promise<ScannerIdentity> =>
  mergeIdentities(await Promise.all(engines.map((engine) => engine.identify())))

const UNKNOWN = { version: 'unknown', database: 'unknown' }

/** A virus that was found stays found when an engine is away or dies right after: only what that one is stays unknown. */
const identifyPresent = async (engines: readonly ScanEngine[]): Promise<ScannerIdentity> =>
  mergeIdentities(
    await Promise.all(engines.map((engine) => engine.identify().catch(() => ({ name: engine.name, ...UNKNOWN })))),
  )

async function conclude(
  tally: Tally,
  readingFindings: readonly ContentFinding[],
  engines: readonly ScanEngine[],
): Promise<ScanOutcome> {
  if (tally.viruses.length > 0)
    return { outcome: 'infected', scanner: await identifyPresent(engines), viruses: placed(tally.viruses) }
  const unavailable = (reason: string): ScanOutcome => ({
    outcome: 'unavailable',
    scanner: { name: namesOf(engines) },
    reason,
  })
  if (tally.unavailable !== null) return unavailable(tally.unavailable)
  let identity: ScannerIdentity
  try {
    identity = await identify(engines)
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : String(error))
  }
  const findings = [...tally.findings, ...readingFindings]
  if (findings.length > 0) return { outcome: 'unscannable', scanner: identity, findings }
  return { outcome: 'clean', scanner: identity }
}

/** Each virus once per part; what was found in a part need not be said of the whole message too. */
function placed(viruses: readonly { name: string; part: string }[]): { name: string; part: string }[] {
  const once = new Map(viruses.map((virus) => [`${virus.part}\0${virus.name}`, virus]))
  const found = [...once.values()].filter(
    (virus) => virus.part !== '' || !viruses.some((other) => other.part !== '' && other.name === virus.name),
  )
  return found.sort((a, b) => (a.part < b.part ? -1 : a.part > b.part ? 1 : a.name < b.name ? -1 : 1))
}

async function collect(source: ScanSource, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source.open()) {
    size += chunk.length
    if (size > limit) throw new Error(`the message is longer than the ${source.size} bytes it was said to be`)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
