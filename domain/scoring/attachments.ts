/** What a file is by its content. */
export const DETECTED_TYPES = [
  'windows-executable',
  'elf',
  'mach-o',
  'java-class',
  'java-archive',
  'script',
  'html-application',
  'windows-shortcut',
  'compiled-help',
  'disk-image',
  'ole',
  'office-document',
  'pdf',
  'rtf',
  'zip',
  'rar',
  '7z',
  'gzip',
  'bzip2',
  'xz',
  'tar',
  'cab',
  'tnef',
  'image',
] as const
export type DetectedType = (typeof DETECTED_TYPES)[number]

/** One file in a mail, also inside archives and attached mails. */
export interface AttachmentFact {
  /** Every name that some mail program would show; empty when it has none. */
  readonly names: readonly string[]
  /** The Content-Type it claims, lower case; null inside archives. */
  readonly declaredType: string | null
  readonly detectedType: DetectedType | null
  /** Bytes, decoded; 0 when it could not be opened. */
  readonly size: number
  /** Where it is, for people: `2/invoice.zip/x.com`. */
  readonly path: string
}

/** What may not come in, as data: a domain or the installation can have its own. */
export interface AttachmentPolicy {
  /** File name extensions, lower case, without the dot. */
  readonly blockedExtensions: readonly string[]
  readonly blockedTypes: readonly DetectedType[]
  /** An extension that was hidden by tricks (direction marks, what systems cut off behind it) blocks too. */
  readonly blockHiddenExtensions: boolean
}

/** Programs and scripts that a double click runs. */
export const DEFAULT_ATTACHMENT_POLICY: AttachmentPolicy = {
  blockedExtensions: [
    'ade',
    'adp',
    'app',
    'appinstaller',
    'application',
    'appref-ms',
    'appx',
    'appxbundle',
    'bas',
    'bat',
    'chm',
    'cmd',
    'com',
    'cpl',
    'crt',
    'dll',
    'exe',
    'gadget',
    'hlp',
    'hta',
    'img',
    'inf',
    'ins',
    'iso',
    'isp',
    'jar',
    'jnlp',
    'js',
    'jse',
    'ksh',
    'lib',
    'lnk',
    'mde',
    'msc',
    'msh',
    'msh1',
    'msh2',
    'mshxml',
    'msi',
    'msix',
    'msixbundle',
    'msp',
    'mst',
    'ocx',
    'pif',
    'ps1',
    'ps1xml',
    'ps2',
    'ps2xml',
    'psc1',
    'psc2',
    'psd1',
    'psdm1',
    'reg',
    'scf',
    'scr',
    'sct',
    'settingcontent-ms',
    'shb',
    'shs',
    'sys',
    'url',
    'vb',
    'vbe',
    'vbs',
    'vhd',
    'vhdx',
    'vxd',
    'wim',
    'ws',
    'wsc',
    'wsf',
    'wsh',
    'xll',
    'xpi',
  ],
  blockedTypes: [
    'windows-executable',
    'elf',
    'mach-o',
    'java-class',
    'java-archive',
    'script',
    'html-application',
    'windows-shortcut',
    'compiled-help',
    'disk-image',
  ],
  blockHiddenExtensions: true,
}

export interface BlockedAttachment {
  readonly path: string
  readonly why: 'extension' | 'type' | 'hidden-extension'
  /** The extension or type. */
  readonly what: string
}

/** The attachments that the policy does not let in; a mail with any of them is held, reason `attachment`. */
export function blockedAttachments(facts: readonly AttachmentFact[], policy: AttachmentPolicy): BlockedAttachment[] {
  const extensions = new Set(policy.blockedExtensions)
  const types = new Set<DetectedType>(policy.blockedTypes)
  return facts.flatMap((fact) => {
    const blocked = judge(fact, extensions, types, policy.blockHiddenExtensions)
    return blocked === null ? [] : [{ path: fact.path, ...blocked }]
  })
}

function judge(
  fact: AttachmentFact,
  extensions: ReadonlySet<string>,
  types: ReadonlySet<DetectedType>,
  hidden: boolean,
): Omit<BlockedAttachment, 'path'> | null {
  if (fact.detectedType !== null && types.has(fact.detectedType)) return { why: 'type', what: fact.detectedType }
  for (const name of fact.names) {
    const last = extensionOf(name)
    if (last !== null && extensions.has(last)) return { why: 'extension', what: last }
    if (!hidden) continue
    for (const shown of disguises(name)) {
      const extension = extensionOf(shown)
      if (extension !== null && extensions.has(extension)) return { why: 'hidden-extension', what: extension }
    }
  }
  return null
}

/** The last extension, lower case, as Windows takes it: trailing dots and blanks don't count. */
export function extensionOf(name: string): string | null {
  let end = name.length
  while (end > 0 && /[\s.]/.test(name[end - 1]!)) end -= 1
  const base = name.slice(Math.max(name.lastIndexOf('/', end - 1), name.lastIndexOf('\\', end - 1)) + 1, end)
  const dot = base.lastIndexOf('.')
  return dot < 0 || dot === base.length - 1
    ? null
    : base
        .slice(dot + 1)
        .trim()
        .toLowerCase()
}

/** Direction marks, zero-width characters and controls, which show a name that is not the real one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\ufffd]/gu

/** Other names that a system may take this one for. */
function disguises(name: string): string[] {
  const visible = name.replace(INVISIBLE, '').normalize('NFKC')
  return [
    visible,
    visible.replace(/["']/g, ''),
    // what an old API cuts at a NUL, Windows at a stream's colon, and a sloppy parser at a semicolon or blank
    name.split('\0')[0] ?? '',
    visible.split(':')[0] ?? '',
    visible.split(';')[0] ?? '',
    visible.split(/\s{3,}/)[0] ?? '',
    visible.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
  ]
}
