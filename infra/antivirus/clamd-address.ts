export interface ClamdTarget {
  readonly socket: string | false
  readonly host: string | false
  readonly port: number | false
}

/** `host:port`, `[v6]:port`, or a unix socket's absolute path. */
export function parseClamdAddress(address: string): ClamdTarget {
  if (address.startsWith('/')) return { socket: address, host: false, port: false }
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]+)):(\d{1,5})$/i.exec(address)
  const port = Number(found?.[3])
  if (found === null || port < 1 || port > 65_535)
    throw new Error(`clamd.address must be host:port or a socket's path, not ${JSON.stringify(address)}`)
  return { socket: false, host: found[1] ?? found[2] ?? '', port }
}
