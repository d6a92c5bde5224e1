import type { ContentReader } from '#infra/content-scan/port'
import { openClamd, type ClamdLimits } from './clamd.ts'
import type { ScanEngine } from './engine.ts'
import { messageScanner, type MessageScanner } from './message-scanner.ts'
import { openYara } from './yara.ts'

export interface VirusScannerOptions {
  /** At least one; a mail must pass all of them. */
  readonly engines: readonly ('yara' | 'clamd')[]
  /** `host:port`, `[v6]:port` or a socket's path; needed for clamd. */
  readonly clamdAddress?: string
  readonly readContent: ContentReader
  readonly limits?: Partial<ScanLimits>
}

interface ScanLimits extends ClamdLimits {
  readonly maxMessageBytes: number
  readonly parallelParts: number
}

const DEFAULT_SCAN_LIMITS: ScanLimits = {
  maxMessageBytes: 64 * 1024 * 1024,
  parallelParts: 4,
  maxStreamBytes: 25 * 1024 * 1024,
  timeoutMs: 60_000,
  connectTimeoutMs: 5_000,
  maxConnections: 8,
}

/** The scanner that settings ask for; usable in a worker thread. A clamd that is away is no error here, but `unavailable` later. */
export async function openVirusScanner(options: VirusScannerOptions): Promise<MessageScanner> {
  if (options.engines.length === 0) throw new Error('antivirus.engine names no engine')
  const limits = { ...DEFAULT_SCAN_LIMITS, ...options.limits }
  const engines: ScanEngine[] = []
  for (const engine of new Set(options.engines)) {
    if (engine === 'yara') engines.push(await openYara())
    else if (options.clamdAddress === undefined || options.clamdAddress === '')
      throw new Error('clamd.address is not set')
    else engines.push(openClamd(options.clamdAddress, limits))
  }
  return messageScanner({
    engines,
    readContent: options.readContent,
    maxMessageBytes: limits.maxMessageBytes,
    parallelParts: limits.parallelParts,
  })
}
