import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import init, { Compiler, type Rules } from '@virustotal/yara-x'
import type { ContentPart } from '#infra/content-scan/port'
import { BASELINE_RULES } from './baseline-rules.ts'
import { CLEAN, type ScanEngine, type Verdict } from './engine.ts'

export interface YaraOptions {
  /** YARA source; the baseline when not given. */
  readonly rules?: string
  /** One scan's limit in ms. */
  readonly timeoutMs?: number
}

/** What infra/content-scan can't unpack for it either. */
const CLOSED = new Set<ContentPart['type']>(['rar', '7z', 'bzip2', 'xz', 'cab'])

const PACKAGE = new URL(import.meta.resolve('@virustotal/yara-x'))

/**
 * YARA-X as WebAssembly, in this thread. Rejects when the rules don't compile, with the compiler's message.
 */
export async function openYara(options: YaraOptions = {}): Promise<ScanEngine> {
  const source = options.rules ?? BASELINE_RULES
  await init({ module_or_path: readFileSync(new URL('yara_x_js_bg.wasm', PACKAGE)) })
  const rules = compile(source)
  const scanner = rules.scanner()
  scanner.setTimeoutMs(options.timeoutMs ?? 20_000)
  scanner.setMaxMatchesPerPattern(1)
  const anchors = anchorsOf(source)
  const identity = {
    name: 'yara-x',
    version: versionOfPackage(),
    database: createHash('sha256').update(source).digest('hex').slice(0, 16),
  }
  let closed = false
  return {
    name: identity.name,
    wants: (part) => part.kind !== 'verbatim',
    isClosedTo: (part) => part.type !== null && CLOSED.has(part.type),
    scan: (bytes) => {
      if (closed) return Promise.resolve({ verdict: 'unavailable', reason: 'yara-x: closed' })
      if (anchors !== null && !hasAny(bytes, anchors)) return Promise.resolve(CLEAN)
      return Promise.resolve(verdictOf(() => scanner.scan(bytes) as unknown))
    },
    identify: () => Promise.resolve(identity),
    close: () => {
      if (!closed) {
        scanner.free()
        rules.free()
      }
      closed = true
      return Promise.resolve()
    },
  }
}

function compile(source: string): Rules {
  const compiler = new Compiler()
  try {
    compiler.addSource(source)
    return compiler.build()
  } catch (error) {
    throw new Error(`the YARA rules don't compile: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  } finally {
    compiler.free()
  }
}

interface YaraResult {
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly matches: readonly { identifier: string; metadata: readonly { identifier: string; value: unknown }[] }[]
}

function verdictOf(scan: () => unknown): Verdict {
  let result: YaraResult
  try {
    result = scan() as YaraResult
  } catch (error) {
    return { verdict: 'unavailable', reason: `yara-x: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (result.matches.length > 0) return { verdict: 'infected', viruses: result.matches.map(nameOf) }
  // a timeout, for example: it says nothing about the content
  if (!result.valid || result.errors.length > 0)
    return { verdict: 'unavailable', reason: `yara-x: ${result.errors.join('; ')}` }
  return CLEAN
}

const nameOf = (match: YaraResult['matches'][number]): string => {
  const family = match.metadata.find((entry) => entry.identifier === 'family')?.value
  return typeof family === 'string' ? family : match.identifier
}

/** The `$anchor` strings, when every rule has one: what has none of them can't match. Null when a rule has none. */
export function anchorsOf(source: string): readonly Buffer[] | null {
  const anchors: Buffer[] = []
  for (const rule of source
    .split(/^(?=(?:private |global )*rule\b)/m)
    .filter((text) => /^(?:private |global )*rule\b/.test(text))) {
    const found = [...rule.matchAll(/\$anchor\w*\s*=\s*"((?:[^"\\]|\\.)*)"[ \t]*(?=\r?\n)/g)]
    if (found.length === 0) return null
    for (const [, text] of found) anchors.push(Buffer.from(text!.replace(/\\(.)/g, '$1'), 'latin1'))
  }
  return anchors
}

function hasAny(bytes: Uint8Array, anchors: readonly Buffer[]): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return anchors.some((anchor) => view.includes(anchor))
}

function versionOfPackage(): string {
  const found = JSON.parse(readFileSync(new URL('../package.json', PACKAGE), 'utf8')) as { version: string }
  return found.version
}
