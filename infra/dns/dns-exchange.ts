import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { type Question, queryOctets, type Understood, understood } from './dns-message.ts'

export interface DnsServerAddress {
  readonly host: string
  readonly port: number
}

/** `ip`, `ip:port` or `[v6]:port`, as `dns.servers` and `dns.getServers()` have them. */
export const serverAddress = (text: string): DnsServerAddress => {
  const [, v6, v6Port] = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? []
  if (v6 !== undefined) return { host: v6, port: Number(v6Port ?? 53) }
  if (isIPv6(text)) return { host: text, port: 53 }
  const [host = text, port = '53'] = text.split(':')
  return { host, port: Number(port) }
}

/** One question to one server, over UDP, over TCP when the answer does not fit. null: no answer within `timeoutMs`. */
export const exchange = async (
  server: DnsServerAddress,
  question: Question,
  timeoutMs: number,
): Promise<Understood | null> => {
  const answer = await overUdpOrTcp(server, question, { timeoutMs, plain: false })
  // A server from before EDNS, or a box in between that thinks so (RFC 6891 7).
  return answer?.rejectsEdns === true ? overUdpOrTcp(server, question, { timeoutMs, plain: true }) : answer
}

interface Asking {
  readonly timeoutMs: number
  /** Without EDNS. */
  readonly plain: boolean
}

const overUdpOrTcp = async (
  server: DnsServerAddress,
  question: Question,
  asking: Asking,
): Promise<Understood | null> => {
  const overUdp = await askUdp(server, question, asking)
  return overUdp?.truncated === true ? askTcp(server, question, asking) : overUdp
}

/** From a port of its own each time; a connected socket takes packets from that server only. What is no answer is waited past. */
const askUdp = (
  server: DnsServerAddress,
  question: Question,
  { timeoutMs, plain }: Asking,
): Promise<Understood | null> =>
  new Promise((resolve) => {
    const id = randomInt(0x10000)
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
    const done = (answer: Understood | null): void => {
      clearTimeout(timer)
      socket.removeAllListeners().on('error', ignoreAfterwards)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(() => done(null), timeoutMs)
    socket.once('error', () => done(null))
    socket.on('message', (octets) => {
      const answer = understood(octets, id, question)
      if (answer !== null) done(answer)
    })
    socket.once('connect', () => socket.send(queryOctets(id, question, plain)))
    socket.connect(server.port, server.host)
  })

const askTcp = (
  server: DnsServerAddress,
  question: Question,
  { timeoutMs, plain }: Asking,
): Promise<Understood | null> =>
  new Promise((resolve) => {
    const id = randomInt(0x10000)
    const query = queryOctets(id, question, plain)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    const socket = connect({ ...server, noDelay: true })
    let come = Buffer.alloc(0)
    const done = (answer: Understood | null): void => {
      clearTimeout(timer)
      socket.removeAllListeners().on('error', ignoreAfterwards)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => done(null), timeoutMs)
    socket.once('error', () => done(null))
    socket.once('close', () => done(null))
    socket.once('connect', () => socket.write(Buffer.concat([length, query])))
    socket.on('data', (octets: Buffer) => {
      come = Buffer.concat([come, octets])
      if (come.length < 2 || come.length < 2 + come.readUInt16BE(0)) return
      const answer = understood(come.subarray(2, 2 + come.readUInt16BE(0)), id, question)
      // Over TCP nothing is cut: an answer that says so again can't be had.
      done(answer?.truncated === true ? null : answer)
    })
  })

/** The question is settled; what the socket says when it closes changes nothing. */
const ignoreAfterwards = (): void => {}
