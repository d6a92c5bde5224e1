import { type ComponentType, lazy } from 'react'
import type { Role } from '../api/session'
import type { Words } from '../words/en'

export interface Page {
  readonly path: string
  readonly name: keyof Words['nav']
  /** Who finds it in the rail. */
  readonly roles: readonly Role[]
  readonly page: ComponentType
}

const everyone = ['user', 'domain-admin', 'admin', 'compliance'] as const
const administrators = ['domain-admin', 'admin'] as const

/** In the order of the rail; each page is loaded when it is first opened. */
export const PAGES: readonly Page[] = [
  { path: '/', name: 'quarantine', roles: everyone, page: lazy(() => import('../quarantine/quarantine-page')) },
  { path: '/lists', name: 'lists', roles: everyone, page: lazy(() => import('../lists/lists-page')) },
  { path: '/digest', name: 'digest', roles: everyone, page: lazy(() => import('../digest/digest-page')) },
  { path: '/devices', name: 'devices', roles: everyone, page: lazy(() => import('../devices/devices-page')) },
  { path: '/find', name: 'find', roles: administrators, page: lazy(() => import('../find/find-page')) },
  { path: '/queue', name: 'queue', roles: ['admin'], page: lazy(() => import('../queue/queue-page')) },
  { path: '/refusals', name: 'refusals', roles: administrators, page: lazy(() => import('../refusals/refusals-page')) },
  { path: '/accounts', name: 'accounts', roles: administrators, page: lazy(() => import('../accounts/accounts-page')) },
  { path: '/domains', name: 'domains', roles: administrators, page: lazy(() => import('../domains/domains-page')) },
  { path: '/policies', name: 'policies', roles: ['admin'], page: lazy(() => import('../policies/policies-page')) },
  { path: '/system', name: 'system', roles: ['admin'], page: lazy(() => import('../system/system-page')) },
]

export const MailPage = lazy(() => import('../mail/mail-page'))
