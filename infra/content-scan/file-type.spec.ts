import { describe, expect, it } from 'vitest'
import { detectType } from './file-type.ts'

const iso = Buffer.alloc(0x8800)
iso.write('CD001', 0x8001, 'latin1')

describe('the type of a file', () => {
  const cases: readonly [string, Buffer, ReturnType<typeof detectType>][] = [
    ['a Windows program', Buffer.from('MZ\x90\x00\x03', 'latin1'), 'windows-executable'],
    ['a Linux program', Buffer.from('\x7fELF\x02\x01', 'latin1'), 'elf'],
    ['a macOS program', Buffer.from('\xcf\xfa\xed\xfe\x07\x00', 'latin1'), 'mach-o'],
    ['a universal macOS program', Buffer.from('\xca\xfe\xba\xbe\x00\x00\x00\x02', 'latin1'), 'mach-o'],
    ['a Java class', Buffer.from('\xca\xfe\xba\xbe\x00\x00\x00\x34', 'latin1'), 'java-class'],
    ['a shell script', Buffer.from('#!/bin/sh\nrm x'), 'script'],
    ['a batch file', Buffer.from('@echo off\r\nformat c:'), 'script'],
    ['a Windows script file', Buffer.from('<?xml version="1.0"?><job id="x"><script language="JScript">'), 'script'],
    ['an HTML application', Buffer.from('<html><HTA:APPLICATION id=x>'), 'html-application'],
    ['a shortcut', Buffer.from('L\x00\x00\x00\x01\x14\x02\x00', 'latin1'), 'windows-shortcut'],
    ['a disk image', iso, 'disk-image'],
    ['a Java archive', Buffer.from('PK\x03\x04..META-INF/MANIFEST.MF'), 'java-archive'],
    ['an Office document', Buffer.from('PK\x03\x04..[Content_Types].xml'), 'office-document'],
    ['a ZIP archive', Buffer.from('PK\x03\x04..a.txt'), 'zip'],
    ['a PDF', Buffer.from('%PDF-1.7'), 'pdf'],
    ['plain text', Buffer.from('Dear Ann, #!/bin/sh is how scripts begin'), null],
    ['HTML', Buffer.from('<html><script>x()</script></html>'), null],
    ['next to nothing', Buffer.from('MZ'), null],
  ]
  for (const [what, bytes, type] of cases)
    it(`is ${type ?? 'unknown'} for ${what}`, () => expect(detectType(bytes)).toBe(type))
})
