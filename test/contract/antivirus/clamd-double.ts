import { createServer, type Server, type Socket } from 'node:net'
import { EICAR } from './mails.ts'

/** How the double answers an INSTREAM. */
type Behaviour =
  | 'scan'
  /** Takes everything and never answers. */
  | 'hang'
  /** Answers nothing and closes the connection properly. */
  | 'close'
  /** Resets the connection while the stream comes in. */
  | 'reset'
  | { readonly reply: string; readonly afterMs?: number }
  /** Answers `INSTREAM size limit exceeded. ERROR` at that size and closes, as clamd does. */
  | { readonly streamLimit: number; readonly loseReply: boolean }

export interface ClamdDouble {
  readonly address: string
  behave(as: Behaviour): void
  /** Connections open at this moment. */
  readonly connections: { now: number }
  /** The most scans that were under way at a time. */
  readonly scans: { now: number; most: number }
  readonly streams: readonly Buffer[]
  close(): Promise<void>
}

/** Speaks clamd's protocol on a port of its own: finds EICAR as it stands or in base64, as clamd would. */
export async function clamdDouble(): Promise<ClamdDouble> {
  let behaviour: Behaviour = 'scan'
  const sockets = new Set<Socket>()
  const connections = { now: 0 }
  const scans = { now: 0, most: 0 }
  const streams: Buffer[] = []
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    connections.now += 1
    socket.on('close', () => {
      sockets.delete(socket)
      connections.now -= 1
    })
    // a client that goes away is nothing to report here
    socket.on('error', () => socket.destroy())
    converse(socket, () => behaviour, streams, scans)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the double has no port')
  return {
    address: `127.0.0.1:${address.port}`,
    behave: (as) => (behaviour = as),
    connections,
    scans,
    streams,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function converse(socket: Socket, behaviour: () => Behaviour, streams: Buffer[], scans: ClamdDouble['scans']): void {
  let received = Buffer.alloc(0)
  let done = false
  socket.on('data', (chunk) => {
    if (done) return
    received = Buffer.concat([received, chunk])
    const text = received.toString('latin1', 0, 16)
    if (text.startsWith('nVERSION\n')) {
      done = true
      socket.end('ClamAV 1.4.6/27001/Mon Nov 23 09:00:00 2026\n')
    } else if (text.startsWith('zINSTREAM\0')) {
      done = answerStream(socket, received.subarray(10), behaviour(), streams, scans)
    }
  })
}

/** True when the answer is given (or never will be). */
function answerStream(
  socket: Socket,
  framed: Buffer,
  as: Behaviour,
  streams: Buffer[],
  scans: ClamdDouble['scans'],
): boolean {
  if (as === 'reset') {
    socket.resetAndDestroy()
    return true
  }
  const { content, ended } = unframe(framed)
  if (typeof as === 'object' && 'streamLimit' in as && content.length > as.streamLimit) {
    if (as.loseReply) socket.resetAndDestroy()
    else socket.end('INSTREAM size limit exceeded. ERROR\0')
    return true
  }
  if (!ended) return false
  streams.push(content)
  if (as === 'hang') return true
  if (as === 'close') socket.end()
  else if (typeof as === 'object' && 'reply' in as) {
    scans.now += 1
    scans.most = Math.max(scans.most, scans.now)
    setTimeout(() => {
      scans.now -= 1
      socket.end(as.reply)
    }, as.afterMs ?? 0)
  } else socket.end(`stream: ${verdictOn(content)}\0`)
  return true
}

function unframe(framed: Buffer): { content: Buffer; ended: boolean } {
  const chunks: Buffer[] = []
  for (let at = 0; at + 4 <= framed.length;) {
    const length = framed.readUInt32BE(at)
    if (length === 0) return { content: Buffer.concat(chunks), ended: true }
    chunks.push(framed.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { content: Buffer.concat(chunks), ended: false }
}

/** It opens neither archives nor broken MIME: what the product must do itself shows. */
const verdictOn = (content: Buffer): string => (content.includes(EICAR) ? 'Eicar-Test-Signature FOUND' : 'OK')
