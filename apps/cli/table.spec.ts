import { describe, expect, it } from 'vitest'
import { plainTable, terminalTable } from './table.ts'

const columns = [{ title: 'Mail' }, { title: 'Score', align: 'right' as const }, { title: 'Subject', shrinks: true }]
const rows = [
  ['1', '10.0', 'Grüße'],
  ['200', null, 'a rather long subject that a narrow terminal has no room for'],
]

describe('a table', () => {
  it('is plain, aligned columns in a pipe', () => {
    expect(
      plainTable(columns, [
        ['1', '10.0', 'Grüße'],
        ['200', null, { text: 'x', paint: () => 'painted' }],
      ]),
    ).toBe(['Mail  Score  Subject', '1      10.0  Grüße', '200       -  x'].join('\n'))
  })

  it('never lets a mail talk to the terminal, or turn its text around', () => {
    const table = plainTable([{ title: 'Subject' }], [['\u001b[2Jhi\r\n\u202egnp.exe']])
    expect(table).toBe('Subject\n\u{fffd}[2Jhi\u{fffd}\u{fffd}\u{fffd}gnp.exe')
  })

  it('fits a narrow terminal by cutting what may be cut', () => {
    const lines = terminalTable(columns, rows, 40, (text) => `\u001b[1m${text}\u001b[22m`).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('\u001b[1mMail\u001b[22m')
    expect(lines[2]).toMatch(/^200 .*…$/)
    for (const line of lines.slice(1)) expect([...line].length).toBeLessThanOrEqual(40)
  })
})
