import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import type { ScriptedDns } from './dns.ts'
import type { DnsType } from '#infra/dns/port'

const TYPES = new Map<number, DnsType>([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
])
const RCODES: Readonly<Record<string, number>> = { ok: 0, nodata: 0, servfail: 2, nxdomain: 3, refused: 5, error: 1 }

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ])

const recordBytes = (type: DnsType, record: unknown): Buffer => {
  if (type === 'A') return Buffer.from(String(record).split('.').map(Number))
  if (type === 'TXT')
    return Buffer.concat(
      [record].flat().map((text) => Buffer.from([String(text).length, ...Buffer.from(String(text))])),
    )
  if (type === 'MX') {
    const { priority, exchange } = record as { priority: number; exchange: string }
    return Buffer.concat([Buffer.from([priority >> 8, priority & 255]), nameBytes(exchange)])
  }
  if (type === 'AAAA') return Buffer.from(String(record).replaceAll(':', ''), 'hex')
  return nameBytes(String(record))
}

/** A DNS server on loopback (UDP) that answers from a script; a question whose outcome is `timeout` gets no answer. */
export const dnsServer = async (script: ScriptedDns, ttl = 60): Promise<{ address: string; close(): void }> => {
  const socket = createSocket('udp4')
  const reply = async (query: Buffer, peer: RemoteInfo): Promise<void> => {
    const labels: string[] = []
    let at = 12
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += length + 1
    }
    const type = TYPES.get(query.readUInt16BE(at + 1)) ?? 'A'
    const answer = await script.query(labels.join('.'), type)
    if (answer.outcome === 'timeout') return
    const head = Buffer.alloc(12)
    query.copy(head, 0, 0, 2)
    head.writeUInt16BE(0x8180 | (RCODES[answer.outcome] ?? 2), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(answer.records.length, 6)
    const records = answer.records.map((record) => {
      const bytes = recordBytes(type, record)
      const fixed = Buffer.alloc(12)
      // The name as a pointer to the question's, its type and class, the TTL, the length.
      fixed.writeUInt16BE(0xc00c, 0)
      query.copy(fixed, 2, at + 1, at + 5)
      fixed.writeUInt32BE(ttl, 6)
      fixed.writeUInt16BE(bytes.length, 10)
      return Buffer.concat([fixed, bytes])
    })
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), peer.port, peer.address)
  }
  socket.on('message', (query, peer) => {
    reply(query, peer).catch((error: unknown) => socket.emit('error', error))
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() }
}
