import { describe, expect, it } from 'vitest'
import { fileNames } from './file-names.ts'

describe('file names', () => {
  it('are one when nothing is odd', () => {
    expect(fileNames([' text/plain; charset=utf-8; name="a b.txt"', ' attachment; filename="a b.txt"'])).toEqual([
      'a b.txt',
    ])
    expect(fileNames([' text/plain; charset=utf-8'])).toEqual([])
  })

  const readings: readonly [string, string][] = [
    [" attachment; filename*=UTF-8''%e2%82%ac%20rates.exe", '\u20ac rates.exe'],
    [' attachment; filename*0="long-"; filename*1="name.exe"', 'long-name.exe'],
    [' attachment; filename*1="name.exe"; filename*0="long-"', 'long-name.exe'],
    [" attachment; filename*0*=UTF-8''a%20; filename*1*=b.exe", 'a b.exe'],
    [' attachment; filename="=?utf-8?B?cnVuLmV4ZQ==?="', 'run.exe'],
    [' attachment; filename="=?utf-8?Q?run?= =?utf-8?Q?.exe?="', 'run.exe'],
    [' attachment; filename=run(a comment).exe', 'run.exe'],
    [' attachment; filename="safe.txt"; filename="run.exe"', 'run.exe'],
    [' attachment; filename="run.exe', 'run.exe'],
    [' attachment; filename = run.exe', 'run.exe'],
    [" attachment; filename='run.exe'", 'run.exe'],
    [' attachment; filename="ru\\n.exe"', 'run.exe'],
    [' attachment; filename=safe.txt;.exe', 'safe.txt;.exe'],
  ]
  for (const [field, name] of readings) {
    it(`of ${field.trim()} include ${name}`, () => expect(fileNames([field])).toContain(name))
  }

  it('are bounded', () => {
    const names = fileNames([
      ` x${'; name*0=(y'.repeat(5_000)}`,
      ...Array.from({ length: 500 }, (_, index) => ` x; name=f${index}.txt`),
    ])
    expect(names.length).toBeLessThanOrEqual(100)
  })
})
