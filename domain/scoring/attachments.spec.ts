import { describe, expect, it } from 'vitest'
import { blockedAttachments, DEFAULT_ATTACHMENT_POLICY, extensionOf, type AttachmentFact } from './attachments.ts'

const file = (changes: Partial<AttachmentFact>): AttachmentFact => ({
  names: [],
  declaredType: null,
  detectedType: null,
  size: 10,
  path: '2',
  ...changes,
})
const named = (...names: string[]): AttachmentFact => file({ names })
const why = (...facts: AttachmentFact[]): (string | undefined)[] =>
  blockedAttachments(facts, DEFAULT_ATTACHMENT_POLICY).map((one) => `${one.why}: ${one.what}`)

describe('the default attachment policy', () => {
  it('blocks programs and scripts by their extension, in any case', () => {
    for (const name of [
      'a.exe',
      'A.EXE',
      'x.scr',
      'x.vbs',
      'x.js',
      'x.hta',
      'x.lnk',
      'x.iso',
      'x.ps1',
      'x.jar',
      'x.msi',
      'folder/x.bat',
      'c:\\x\\y.cmd',
    ]) {
      expect(why(named(name))).toEqual([`extension: ${extensionOf(name)}`])
    }
  })

  it('lets documents, pictures, archives and names without extension pass', () => {
    for (const name of ['a.pdf', 'a.docx', 'a.zip', 'photo.jpeg', 'README', 'v1.2', 'exe', 'report.exe.pdf'])
      expect(why(named(name))).toEqual([])
  })

  it('blocks by content, whatever the name says', () => {
    expect(why(file({ names: ['holiday.jpg'], detectedType: 'windows-executable' }))).toEqual([
      'type: windows-executable',
    ])
    expect(why(file({ detectedType: 'elf' }))).toEqual(['type: elf'])
    expect(why(file({ names: ['a.pdf'], detectedType: 'pdf' }))).toEqual([])
  })

  it('looks at every name that some program would show', () => {
    expect(why(named('safe.txt', 'run.exe'))).toEqual(['extension: exe'])
  })

  it('is not fooled by trailing dots and blanks', () => {
    for (const name of ['run.exe.', 'run.exe ', 'run.exe . .']) expect(why(named(name))).toEqual(['extension: exe'])
  })

  it('sees through double extensions that a program cuts, direction marks, zero-width characters, streams and percent signs', () => {
    expect(why(named('invoice.pdf.exe'))).toEqual(['extension: exe'])
    expect(why(named('photo\u202egpj.exe'))).toEqual(['extension: exe'])
    expect(why(named('run.e\u200bxe'))).toEqual(['hidden-extension: exe'])
    expect(why(named('run.exe\u0000.txt'))).toEqual(['hidden-extension: exe'])
    expect(why(named('run.exe:stream'))).toEqual(['hidden-extension: exe'])
    expect(why(named('run.exe                    .pdf'))).toEqual(['hidden-extension: exe'])
    expect(why(named('run%2eexe'))).toEqual(['hidden-extension: exe'])
    expect(why(named('run.\uff45\uff58\uff45'))).toEqual(['hidden-extension: exe'])
  })

  it('blocks inside archives and says where', () => {
    const facts = [file({ names: ['a.zip'], detectedType: 'zip' }), file({ names: ['x/run.com'], path: '2/x/run.com' })]
    expect(blockedAttachments(facts, DEFAULT_ATTACHMENT_POLICY)).toEqual([
      { path: '2/x/run.com', why: 'extension', what: 'com' },
    ])
  })

  it('is data: another list blocks other things', () => {
    const policy = { blockedExtensions: ['zip'], blockedTypes: [], blockHiddenExtensions: false }
    expect(blockedAttachments([named('a.zip'), named('b.exe'), named('c.zip\u200b')], policy)).toEqual([
      { path: '2', why: 'extension', what: 'zip' },
    ])
  })
})
