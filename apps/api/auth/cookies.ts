import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

const SESSION_COOKIE = 'mailkeep_session'
export const CSRF_HEADER = 'x-csrf-token'

/** The session for a browser: no script reads it, no other site sends it. */
export const sessionCookie = (bearer: string, maxAgeSeconds: number, secure: boolean): string =>
  [
    `${SESSION_COOKIE}=${bearer}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`,
    ...(secure ? ['Secure'] : []),
  ].join('; ')

export function sessionIn(request: Pick<FastifyRequest, 'headers'>): string | null {
  const cookies = request.headers.cookie
  if (cookies === undefined || cookies.length > 8_192) return null
  for (const cookie of cookies.split(';')) {
    const [name, value] = cookie.trim().split('=', 2)
    if (name === SESSION_COOKIE && value !== undefined) return value
  }
  return null
}

/** Proof that a page of ours sent the request: derived from the session, which no other page can read. */
export const csrfTokenOf = (bearer: string): string =>
  createHmac('sha256', bearer).update('mailkeep csrf').digest('base64url')

export const csrfHolds = (bearer: string, given: unknown): boolean => {
  if (typeof given !== 'string') return false
  const [expected, sent] = [Buffer.from(csrfTokenOf(bearer)), Buffer.from(given)]
  return expected.length === sent.length && timingSafeEqual(expected, sent)
}
