import { addressesOf, type AskDns } from '#infra/dns/mail-exchangers'
import type { RouteHost, Route } from './route.ts'

/** The host through which all outbound mail goes. */
export interface Smarthost extends Pick<RouteHost, 'port' | 'tls' | 'auth'> {
  readonly host: string
}

/** For every domain the same: no MX is asked for, and whatever address it has may be used, since an administrator named it. */
export const smarthostRoute = async (ask: AskDns, { host, port, tls, auth }: Smarthost): Promise<Route> => {
  const key = `smarthost ${host}:${port}`
  const found = await addressesOf(ask, host)
  if (found.is === 'addresses')
    return {
      is: 'hosts',
      key,
      hosts: [{ name: host, preference: 0, port, addresses: found.addresses, tls, auth, remark: null }],
    }
  const text = found.is === 'unknown' ? found.why : `The smarthost ${host} has no address`
  return { is: 'unroutable', key, reply: { code: 451, enhancedCode: '4.4.4', text } }
}
