import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutForeignTraces } from './foreign-traces.ts'

const HOST = 'mx.example.org'

const strip = async (message: string, sizes: number[] = [7]): Promise<string> => {
  async function* chunks() {
    for (let at = 0, turn = 0; at < message.length; turn++) {
      const size = Math.max(1, sizes[turn % sizes.length]!)
      yield Buffer.from(message.slice(at, at + size), 'latin1')
      at += size
    }
  }
  const parts: Uint8Array[] = []
  for await (const part of withoutForeignTraces(chunks(), HOST)) parts.push(part)
  return Buffer.concat(parts).toString('latin1')
}

describe('foreign trace headers', () => {
  it('are taken out when they are ours to write, folded ones too, and nothing else is', async () => {
    const message = [
      'Return-Path: <evil@x.test>',
      'Authentication-Results: mx.example.org; dmarc=pass',
      'Authentication-Results: mx.other.example; spf=pass',
      'X-Spam-Status: No,',
      ' score=-5',
      'x-spam-anything : 1',
      'Subject: kept',
      'AUTHENTICATION-RESULTS: (a (nested) comment)',
      '\t"MX.example.org" 1; spf=pass',
      'Authentication-Results: mx.example.org.; spf=pass',
      '',
      'X-Spam-Score: in the body',
      '',
    ].join('\r\n')
    expect(await strip(message)).toBe(
      ['Authentication-Results: mx.other.example; spf=pass', 'Subject: kept', '', 'X-Spam-Score: in the body', ''].join(
        '\r\n',
      ),
    )
  })

  it('leaves a message without headers, without a body, or empty as it is', async () => {
    for (const message of ['', '\r\n', '\r\nReturn-Path: body', 'Subject: x', 'Subject: x\r\n'])
      expect(await strip(message)).toBe(message)
  })

  it('changes no byte where there is none, however the message is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('A: b', ' c', '', 'x', '\r\n', '\n', 'é'), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        async (lines, sizes) => {
          const message = lines.join('\r\n')
          expect(await strip(message, sizes)).toBe(message)
        },
      ),
      { seed: 11, numRuns: 300 },
    )
  })
})
