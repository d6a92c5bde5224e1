import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EventType } from '#domain/kernel/event-type'
import { eventType } from '#domain/kernel/event-type'
import { createCodec, InvalidEvent } from './codec.ts'
import type { Position } from './port.ts'
import { UnreadableEvent } from './port.ts'

const at = { stream: 'mail-1', revision: 4, position: '00000000000000000009' as Position }

const first = eventType('Deferred', z.object({ host: z.string() }))
const third: EventType = eventType('Deferred', z.object({ host: z.string(), tries: z.number(), reply: z.string() }), {
  version: 3,
  upcasts: {
    1: (data) => ({ ...z.object({ host: z.string() }).parse(data), tries: 1 }),
    2: (data) => ({ ...z.object({ host: z.string(), tries: z.number() }).parse(data), reply: '' }),
  },
})

describe('codec, writing', () => {
  it('writes JSON at the declared version', () => {
    expect(createCodec([first]).encode('mail-1', { type: 'Deferred', data: { host: 'a' } })).toEqual({
      version: 1,
      data: '{"host":"a"}',
    })
  })

  it('writes only what is declared', () => {
    expect(createCodec([first]).encode('mail-1', { type: 'Deferred', data: { host: 'a', secret: 'b' } }).data).toBe(
      '{"host":"a"}',
    )
  })

  it('names stream, type and path of what its schema refuses', () => {
    const nested = eventType('Accepted', z.object({ recipients: z.array(z.object({ mailbox: z.string() })) }))
    const encode = () =>
      createCodec([nested]).encode('mail-7', {
        type: 'Accepted',
        data: { recipients: [{ mailbox: 'a' }, { mailbox: 5 }] },
      })
    expect(encode).toThrow(InvalidEvent)
    expect(encode).toThrow(/^event Accepted for mail-7: recipients\.1\.mailbox: /)
  })

  it('refuses an event that is not declared', () => {
    expect(() => createCodec([first]).encode('mail-1', { type: 'Delayed', data: {} })).toThrow(
      'no such event is declared',
    )
  })
})

describe('codec, reading', () => {
  it('reads what it wrote', () => {
    const codec = createCodec([first])
    const encoded = codec.encode('mail-1', { type: 'Deferred', data: { host: 'ü' } })
    expect(codec.decode({ ...at, type: 'Deferred', ...encoded })).toEqual({ version: 1, data: { host: 'ü' } })
  })

  it('brings older versions up to the declared one, step by step', () => {
    const codec = createCodec([third])
    expect(codec.decode({ ...at, type: 'Deferred', version: 1, data: '{"host":"a"}' })).toEqual({
      version: 3,
      data: { host: 'a', tries: 1, reply: '' },
    })
    expect(codec.decode({ ...at, type: 'Deferred', version: 2, data: '{"host":"a","tries":7}' }).data).toEqual({
      host: 'a',
      tries: 7,
      reply: '',
    })
  })

  it.each([
    ['an unknown event', { type: 'Delayed', version: 1, data: '{}' }, 'unknown event Delayed'],
    ['a newer version', { type: 'Deferred', version: 4, data: '{}' }, 'has version 4, this build knows 3'],
    ['data that is not JSON', { type: 'Deferred', version: 3, data: '{"host"' }, 'is not JSON'],
    ['an upcast that fails', { type: 'Deferred', version: 1, data: '{}' }, 'the upcast from version 1 failed'],
    [
      'an upcast to something invalid',
      { type: 'Odd', version: 1, data: '{}' },
      'version 1 upcast to 2 is invalid at "n"',
    ],
  ])('stops at %s, saying where', (_, stored, why) => {
    const odd = eventType('Odd', z.object({ n: z.number() }), { version: 2, upcasts: { 1: () => ({ n: 'none' }) } })
    const decode = () => createCodec([third, odd]).decode({ ...at, ...stored })
    expect(decode).toThrow(UnreadableEvent)
    expect(decode).toThrow(why)
    expect(decode).toThrow('event mail-1@4 (position 00000000000000000009)')
  })
})

describe('codec, its declarations', () => {
  it('takes the same declaration twice, but not two of one name', () => {
    expect(() => createCodec([first, first])).not.toThrow()
    expect(() => createCodec([first, third])).toThrow('two events are declared with the wire name Deferred')
  })

  it('refuses a version without a way to it', () => {
    expect(() => createCodec([eventType('Gap', z.object({}), { version: 3, upcasts: { 1: (data) => data } })])).toThrow(
      'Gap: no upcast from version 2',
    )
  })
})
