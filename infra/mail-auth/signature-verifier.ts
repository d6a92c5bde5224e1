import { DkimVerifier, type SignatureField } from 'mailauth/lib/dkim/dkim-verifier.js'
import { createKeyCache } from 'mailauth/lib/tools.js'
import { txtTexts } from '#infra/dns/port'
import type { MethodDns } from './mailauth-resolver.ts'
import { tagList } from './tag-list.ts'

type Resolve = MethodDns['resolve']

/**
 * mailauth's strict verifier, and what the suites of others take beside it (docs/adr/0014): signatures of the drafts before RFC 4871,
 * which have no `v=`; an ARC-Message-Signature without `c=`, which the drafts of ARC read as relaxed, or with an empty `h=`; several key
 * records under one name, of which the one of the signature's kind is meant.
 */
export class SignatureVerifier extends DkimVerifier {
  readonly #keys: ReadonlyMap<string, ReturnType<typeof createKeyCache>>

  constructor(options: { readonly resolver: Resolve; readonly curTime: Date }) {
    super({ ...options, strict: true })
    this.#keys = new Map(['rsa', 'ed25519'].map((kind) => [kind, createKeyCache(preferring(kind, options.resolver))]))
  }

  override prepareSignature(field: SignatureField): void {
    if (field.type === 'DKIM') readAsDraft(field)
    else if (field.parsed['c'] === undefined) field.fallbackCanonicalization = 'relaxed/relaxed'
    super.prepareSignature(field)
    if (field.type === 'ARC' && field.parsed['h']?.value === '') delete field.invalid
  }

  override verifySignature(field: SignatureField, isFallback?: boolean): ReturnType<DkimVerifier['verifySignature']> {
    // Looked at before anything is waited for: the next signature may have another.
    this.keyCache = this.#keys.get(field.signAlgo ?? '') ?? this.keyCache
    return super.verifySignature(field, isFallback)
  }
}

/** draft-ietf-dkim-base-01 and before: no version, `q=dns`. The field that is hashed stays as it came. */
const readAsDraft = ({ parsed, tags }: SignatureField): void => {
  if (parsed['v'] !== undefined) return
  parsed['v'] = { value: 1 }
  tags.push({ name: 'v', value: '1' })
  if (parsed['q']?.value === 'dns') parsed['q'] = { value: 'dns/txt' }
}

/** Key records of this kind first (RFC 6376 3.6.2.2 leaves it open which of several counts). */
const preferring =
  (kind: string, resolve: Resolve): Resolve =>
  async (name, type) => {
    const records = await resolve(name, type)
    if (type !== 'TXT' || records.length < 2) return records
    const isMeant = (record: unknown): boolean => (tagList(txtTexts([record])[0] ?? '')?.get('k') ?? 'rsa') === kind
    return records.toSorted((one, other) => Number(isMeant(other)) - Number(isMeant(one))) as string[][]
  }
