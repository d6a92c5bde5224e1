import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SendFailed, SendRefused, sendMail } from './transport.ts'

const mail = { from: 'cara@outside.test', to: ['ann@example.org'], subject: 'Hello', text: '.\nHello' }
const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

/** Answers each verb by the table; DATA's end by `end`. */
const server = async (
  replies: Readonly<Record<string, string>>,
  end = '250 2.0.0 Ok: 1',
): Promise<{ port: number; heard: string[] }> => {
  const heard: string[] = []
  const serve = (socket: Socket) => {
    let inData = false
    let rest = ''
    socket.write('220 mx.test ESMTP\r\n')
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        heard.push(line)
        if (inData && line !== '.') continue
        const verb = inData ? '.' : (line.split(' ')[0] ?? '').toUpperCase()
        inData = verb === 'DATA' && replies['DATA'] === undefined
        socket.write(`${verb === '.' ? end : (replies[verb] ?? (inData ? '354 go on' : '250 Ok'))}\r\n`)
      }
    })
  }
  const listening = createServer(serve)
  opened.push(listening)
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve)
  })
  return { port: (listening.address() as { port: number }).port, heard }
}

const to = (port: number) => ({ host: '127.0.0.1', port, name: 'mail.outside.test' })

describe('sending a mail', () => {
  it('answers the final reply, and doubles dots at the beginning of lines', async () => {
    const { port, heard } = await server({})
    expect(await sendMail(to(port), mail)).toBe('250 2.0.0 Ok: 1')
    expect(heard).toEqual(expect.arrayContaining(['EHLO mail.outside.test', 'Subject: Hello', '..', 'Hello']))
    expect(heard.find((line) => line.startsWith('MAIL FROM'))).toBe('MAIL FROM:<cara@outside.test>')
  })

  it('says with which words the server refused', async () => {
    const { port } = await server({ RCPT: '550 5.1.1 No such user' })
    await expect(sendMail(to(port), mail)).rejects.toThrow(new SendRefused('550 5.1.1 No such user'))
    const late = await server({}, '451 4.3.0 Try again later')
    await expect(sendMail(to(late.port), mail)).rejects.toThrow(/451 4\.3\.0/)
  })

  it('says where nobody listens', async () => {
    const { port } = await server({})
    for (const one of opened.splice(0)) one.close()
    await expect(sendMail(to(port), mail)).rejects.toThrow(SendFailed)
  })
})
