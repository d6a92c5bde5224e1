import type { InspectionPolicy } from '../policy/documents.ts'
import {
  blockedAttachments,
  DEFAULT_ATTACHMENT_POLICY,
  DETECTED_TYPES,
  type AttachmentFact,
  type AttachmentPolicy,
} from './attachments.ts'
import type { Evidence } from './evidence.ts'

/** The attachment policy that a document stands for; null in it: the built-in list. */
export const attachmentPolicyOf = ({
  blockedContent,
  blockedExtensions,
}: Pick<InspectionPolicy['attachments'], 'blockedContent' | 'blockedExtensions'>): AttachmentPolicy => ({
  ...DEFAULT_ATTACHMENT_POLICY,
  ...(blockedExtensions === null ? {} : { blockedExtensions: [...blockedExtensions] }),
  ...(blockedContent === null ? {} : { blockedTypes: DETECTED_TYPES.filter((type) => blockedContent.includes(type)) }),
})

type File = Pick<AttachmentFact, 'names' | 'detectedType' | 'path'>

/** `invoice.pdf.exe (windows-executable)`, one for each that policy blocks: the name that a reader would see, else where the file is. */
export const blockedFiles = (files: readonly File[], policy: InspectionPolicy['attachments']): string[] => {
  if (!policy.enabled) return []
  const facts = files.map((file) => ({ ...file, declaredType: null, size: 0 }))
  return blockedAttachments(facts, attachmentPolicyOf(policy)).map(({ path, what, why }) => {
    const name = files.find((file) => file.path === path)?.names[0] ?? path
    return `${name} (${why === 'type' ? what : `.${what}`})`
  })
}

const MAX_FILES = 100
const MAX_NAME = 300

/** As evidence keeps them; null: there are too many, or their names are too long. */
export const filesEvidence = (files: readonly File[]): Evidence['files'] =>
  files.length > MAX_FILES || files.some(({ names, path }) => [path, ...names].some((name) => name.length > MAX_NAME))
    ? null
    : files.map(({ names, detectedType, path }) => [[...names], detectedType, path])

export const filesOf = (kept: NonNullable<Evidence['files']>): File[] =>
  kept.map(([names, detectedType, path]) => ({ names, detectedType, path }))
