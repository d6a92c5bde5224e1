/** The part of clamscan 2.4 that is used here; the package brings no types. */
declare module 'clamscan' {
  import type { Socket } from 'node:net'
  import type { Readable } from 'node:stream'

  export interface ScanStreamResult {
    /** `null` when clamd's reply was none of OK, FOUND and ERROR. */
    readonly isInfected: boolean | null
    readonly viruses: readonly string[]
    readonly resultString: string
    readonly timeout: boolean
  }

  export default class NodeClam {
    init(options: {
      debugMode?: boolean
      clamscan?: { active: boolean; path: string | null }
      clamdscan?: {
        socket: string | false
        host: string | false
        port: number | false
        timeout: number
        localFallback: boolean
        path: string | null
        active: boolean
        bypassTest: boolean
      }
    }): Promise<NodeClam>
    scanStream(stream: Readable): Promise<ScanStreamResult>
    getVersion(): Promise<string>
    _initSocket(label?: string): Promise<Socket>
  }
}
