import type { FastifyReply, FastifyRequest } from 'fastify'

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Pages say their own; an answer that is no page needs nothing at all.
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
}

/** On every answer, problems included. A page sets its own Content-Security-Policy over this one. */
export function secure(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(HEADERS)
  if (request.url.startsWith('/api/')) void reply.header('Cache-Control', 'no-store')
  if (request.protocol === 'https') void reply.header('Strict-Transport-Security', 'max-age=31536000')
}
