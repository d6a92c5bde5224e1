/** What mailauth 7.1 doesn't export from its front door: the verifier that `dkimVerify` runs a message through, and its cache of keys. */
declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { Writable } from 'node:stream'
  import type { DKIMResult, DKIMVerifyResult } from 'mailauth'

  interface Tag {
    readonly name: string
    readonly value: string
  }

  /** A DKIM-Signature or ARC-Message-Signature as it is read and got ready. */
  export interface SignatureField {
    readonly type: 'DKIM' | 'ARC'
    readonly parsed: Record<string, { value: unknown } | undefined>
    readonly tags: Tag[]
    readonly signAlgo?: string
    /** Why it is not verified. */
    invalid?: string
    /** Tried when the signature doesn't verify with its own canonicalization. */
    fallbackCanonicalization?: string
  }

  interface KeyCache {
    readonly resolver: unknown
  }

  export class DkimVerifier extends Writable {
    constructor(options: {
      resolver: (domain: string, rrtype: string) => Promise<string[][] | string[]>
      curTime: Date
      strict: boolean
    })
    keyCache: KeyCache
    readonly results: DKIMResult[]
    readonly arc: NonNullable<DKIMVerifyResult['arc']>
    prepareSignature(field: SignatureField): void
    verifySignature(field: SignatureField, isFallback?: boolean): Promise<DKIMResult>
  }
}

declare module 'mailauth/lib/parse-dkim-headers.js' {
  /** Reads Authentication-Results by the grammar of RFC 8601; methods and what is said of them by name. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a tree of whatever the field holds
  export default function parseFields(line: Buffer): { readonly parsed: Record<string, any> }
}

declare module 'mailauth/lib/tools.js' {
  export const createKeyCache: (resolver: (domain: string, rrtype: string) => Promise<string[][] | string[]>) => {
    readonly resolver: unknown
  }
}
