import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { ScriptedDns } from './dns.ts'
import type { DnsType, TlsaRecord } from '#infra/dns/port'

const TYPES = new Map<number, DnsType>([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [52, 'TLSA'],
])
/** Larger answers to a question with EDNS are cut, and asked for again over TCP. */
const UDP_PAYLOAD = 1_232
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
  if (type === 'TLSA') {
    const { certUsage, selector, match, data } = record as TlsaRecord
    return Buffer.concat([Buffer.from([certUsage, selector, match]), Buffer.from(data, 'hex')])
  }
  if (type === 'AAAA') return Buffer.from(String(record).replaceAll(':', ''), 'hex')
  return nameBytes(String(record))
}

/** The whole answer; null: none comes. */
const answerTo = async (query: Buffer, script: ScriptedDns, ttl: number): Promise<Buffer | null> => {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  const name = labels.join('.')
  const type = TYPES.get(query.readUInt16BE(at + 1)) ?? 'A'
  const answer = await script.query(name, type)
  if (answer.outcome === 'timeout') return null
  const aliases = type === 'CNAME' ? [] : script.aliasesOf(name)
  const vouched = answer.outcome !== 'servfail' && [name, ...aliases].every((one) => script.isVouchedFor(one))
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 | (vouched ? 0x20 : 0) | (RCODES[answer.outcome] ?? 2), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(aliases.length + answer.records.length, 6)
  const isNegative = answer.outcome === 'nxdomain' || answer.outcome === 'nodata'
  head.writeUInt16BE(isNegative ? 1 : 0, 8)
  const record = (owner: Buffer, kind: number, bytes: Buffer): Buffer => {
    const fixed = Buffer.alloc(10)
    fixed.writeUInt16BE(kind, 0)
    fixed.writeUInt16BE(1, 2)
    fixed.writeUInt32BE(ttl, 4)
    fixed.writeUInt16BE(bytes.length, 8)
    return Buffer.concat([owner, fixed, bytes])
  }
  // The name as a pointer to the question's, or, behind a CNAME, as it is.
  const owners = [Buffer.from([0xc0, 0x0c]), ...aliases.map(nameBytes)]
  const chain = aliases.map((alias, hop) => record(owners[hop]!, 5, nameBytes(alias)))
  const kind = query.readUInt16BE(at + 1)
  const records = answer.records.map((one) => record(owners.at(-1)!, kind, recordBytes(type, one)))
  // How long there is nothing (RFC 2308 5): as long as there would be something.
  const numbers = Buffer.alloc(20)
  numbers.writeUInt32BE(ttl, 16)
  const soa = isNegative
    ? [record(Buffer.from([0]), 6, Buffer.concat([nameBytes('ns'), nameBytes('host'), numbers]))]
    : []
  return Buffer.concat([head, query.subarray(12, at + 5), ...chain, ...records, ...soa])
}

const cut = (answer: Buffer): Buffer => {
  if (answer.length <= UDP_PAYLOAD) return answer
  const head = Buffer.from(answer.subarray(0, 12))
  head.writeUInt16BE(head.readUInt16BE(2) | 0x0200, 2)
  head.writeUInt16BE(0, 6)
  head.writeUInt16BE(0, 8)
  const end = answer.indexOf(0, 12) + 5
  return Buffer.concat([head, answer.subarray(12, end)])
}

/** A DNS server on loopback (UDP and TCP) that answers from a script; a question whose outcome is `timeout` gets no answer. */
export const dnsServer = async (script: ScriptedDns, ttl = 60): Promise<{ address: string; close(): void }> => {
  const socket = createSocket('udp4')
  const reply = async (query: Buffer, peer: RemoteInfo): Promise<void> => {
    const answer = await answerTo(query, script, ttl)
    if (answer !== null) socket.send(cut(answer), peer.port, peer.address)
  }
  socket.on('message', (query, peer) => {
    reply(query, peer).catch((error: unknown) => socket.emit('error', error))
  })
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    let come = Buffer.alloc(0)
    const replyOverTcp = async (query: Buffer): Promise<void> => {
      const answer = await answerTo(query, script, ttl)
      if (answer === null || !client.writable) return
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      client.write(Buffer.concat([length, answer]))
    }
    client.on('data', (octets: Buffer) => {
      come = Buffer.concat([come, octets])
      if (come.length < 2 || come.length < 2 + come.readUInt16BE(0)) return
      const query = come.subarray(2, 2 + come.readUInt16BE(0))
      come = come.subarray(2 + query.length)
      replyOverTcp(query).catch((error: unknown) => client.destroy(error as Error))
    })
    client.on('error', () => client.destroy())
    client.on('close', () => clients.delete(client))
  })
  // TCP's port first: free ports are few there, and many for UDP.
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${port}`,
    close() {
      socket.close()
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}
