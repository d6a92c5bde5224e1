import { describe, expect, test } from 'vitest'
import { IncomingMessage } from './incoming-message.ts'

const octets = (text: string): Uint8Array => Buffer.from(text)
const read = async (message: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of message) text += Buffer.from(chunk).toString()
  return text
}

describe('a message between socket and session', () => {
  test('is read in order, whoever is first', async () => {
    const message = new IncomingMessage()
    message.push(octets('a'), { alone: true })
    const reading = read(message)
    message.push(octets('b'), { alone: true })
    await Promise.resolve()
    message.push(octets('c'), { alone: true })
    message.end()
    expect(await reading).toBe('abc')
    expect(message.readToEnd).toBe(true)
  })

  test('fails its reader, and drops what was queued', async () => {
    const message = new IncomingMessage()
    message.push(octets('a'), { alone: true })
    message.fail(new Error('too large'))
    await expect(read(message)).rejects.toThrow('too large')
    expect(message.readToEnd).toBe(false)
    const waiting = new IncomingMessage()
    const reading = read(waiting)
    waiting.fail(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
  })

  test('tells when it is full, and when there is room again', async () => {
    const message = new IncomingMessage()
    let room = 0
    message.push(Buffer.alloc(100_000), { alone: true })
    expect(message.full).toBe(false)
    message.push(Buffer.alloc(100_000), { alone: true })
    expect(message.full).toBe(true)
    message.whenRoom(() => room++)
    await message.next()
    expect([message.full, room]).toEqual([false, 1])
  })

  test('that nobody reads on is dropped, and is never full', async () => {
    const message = new IncomingMessage()
    let room = 0
    message.push(Buffer.alloc(200_000), { alone: true })
    message.whenRoom(() => room++)
    for await (const _ of message) break
    message.push(Buffer.alloc(200_000), { alone: true })
    message.end()
    expect([message.full, room, message.readToEnd]).toEqual([false, 1, false])
  })

  test('frees a chunk when the next is asked for, only if told to and only what is nobody else’s', async () => {
    const message = new IncomingMessage()
    const chunk = (): Uint8Array => new Uint8Array(32_768).fill(1)
    const [kept, shared, freed, last] = [chunk(), chunk(), chunk(), chunk()]
    message.push(kept, { alone: true })
    message.push(shared, { alone: false })
    message.push(freed, { alone: true })
    message.push(last, { alone: true })
    message.end()
    await message.next()
    message.freeAsRead()
    for (let part = await message.next(); part.done !== true; part = await message.next());
    expect([kept, shared, freed, last].map(({ length }) => length)).toEqual([32_768, 32_768, 0, 0])
  })

  test('does not free the memory that small buffers share', async () => {
    const message = new IncomingMessage()
    const [small, other] = [Buffer.concat([octets('small')]), Buffer.concat([octets('other')])]
    message.push(small, { alone: true })
    message.push(octets('last'), { alone: true })
    message.end()
    message.freeAsRead()
    expect(await read(message)).toBe('smalllast')
    expect(other.toString()).toBe('other')
  })
})
