import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BASELINE_RULES } from './baseline-rules.ts'
import type { ScanEngine } from './engine.ts'
import { anchorsOf, openYara } from './yara.ts'

const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'

describe('YARA-X with the baseline rules', () => {
  let yara: ScanEngine
  beforeAll(async () => {
    yara = await openYara()
  })
  afterAll(() => yara.close())

  it('finds the EICAR test file wherever it stands', async () => {
    expect(await yara.scan(Buffer.from(`some text ${EICAR} more`))).toEqual({
      verdict: 'infected',
      viruses: ['Eicar-Test-Signature'],
    })
  })

  it('finds a macro that fetches and starts a program, and lets an innocent one pass', async () => {
    const bad = 'Sub AutoOpen()\nSet x = CreateObject("MSXML2.XMLHTTP")\nShell("powershell ...")'
    expect(await yara.scan(Buffer.from(bad))).toEqual({ verdict: 'infected', viruses: ['Baseline.Macro.Downloader'] })
    expect(await yara.scan(Buffer.from('Sub AutoOpen()\nMsgBox "hello"\nEnd Sub'))).toEqual({ verdict: 'clean' })
  })

  it('names its version and a digest of its rules', async () => {
    const identity = await yara.identify()
    expect(identity.name).toBe('yara-x')
    expect(identity.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(identity.database).toMatch(/^[0-9a-f]{16}$/)
  })

  it('looks for an anchor first, of which every baseline rule has one', () => {
    const rules = BASELINE_RULES.match(/^rule /gm)?.length ?? 0
    const anchors = anchorsOf(BASELINE_RULES)
    expect(anchors).not.toBeNull()
    expect(anchors!.length).toBeGreaterThanOrEqual(rules)
    expect(anchors!.map(String)).toContain(EICAR)
  })

  it('gives up on anchors when a rule has none', async () => {
    const rules = 'rule Any_Mz { condition: uint16(0) == 0x5a4d }'
    expect(anchorsOf(rules)).toBeNull()
    const own = await openYara({ rules })
    expect(await own.scan(Buffer.from('MZ..'))).toEqual({ verdict: 'infected', viruses: ['Any_Mz'] })
    await own.close()
  })

  it('refuses rules that do not compile, saying where', async () => {
    await expect(openYara({ rules: 'rule broken { condition: nonsense }' })).rejects.toThrow(
      /don't compile[^]*nonsense/,
    )
  })

  it('is unavailable after it was closed', async () => {
    const own = await openYara()
    await own.close()
    expect(await own.scan(Buffer.from('x'))).toEqual({ verdict: 'unavailable', reason: 'yara-x: closed' })
  })
})
