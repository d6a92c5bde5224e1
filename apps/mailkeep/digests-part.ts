import { Digests } from '#apps/projector/digests/digests'
import type { Foundation } from './foundation.ts'
import { publicUrl } from './public-url.ts'

/** Digests, not started yet. `listeners`: what listens by then, for the links. */
export const openDigests = (
  foundation: Foundation,
  listeners: () => readonly { readonly name: string; readonly port: number }[],
): Digests => {
  const { config } = foundation
  return new Digests({
    ...foundation,
    hostname: config.hostname,
    publicUrl: () => publicUrl(config, listeners().find(({ name }) => name === 'http')?.port ?? config.http.port),
  })
}
