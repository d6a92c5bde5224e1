import { Declined, type Decider } from '../kernel/decider.ts'
import type { Instant } from '../kernel/instant.ts'
import type { DigestContent, DigestEvent } from './events.ts'

export type DigestCommand =
  /** `after`: what the asker knew as the end of the last window. */
  | {
      readonly kind: 'close-window'
      readonly after: Instant | null
      readonly to: Instant
      readonly through: string | null
      readonly tells: DigestContent | null
    }
  | { readonly kind: 'use-sign-in-link'; readonly link: string }

export interface DigestState {
  readonly closedAt: Instant | null
  readonly through: string | null
  /** The last ones: links end long before so many more are used. */
  readonly usedLinks: readonly string[]
}

const LINKS_REMEMBERED = 1_000

/** One digest a window, whoever asks how often; each sign-in link once. */
export const digestDecider: Decider<DigestCommand, DigestEvent, DigestState> = {
  initial: { closedAt: null, through: null, usedLinks: [] },
  decide(command, state) {
    switch (command.kind) {
      case 'close-window': {
        const { after, to, through, tells } = command
        if (state.closedAt !== null && to <= state.closedAt) return []
        if (after !== state.closedAt)
          return new Declined('conflict', 'another digest has been made meanwhile: look again at what is new')
        return [{ type: 'DigestWindowClosed', data: { from: state.closedAt, to, through, tells } }]
      }
      case 'use-sign-in-link':
        return state.usedLinks.includes(command.link)
          ? new Declined('conflict', 'this link has been used: it signs in once')
          : [{ type: 'SignInLinkUsed', data: { link: command.link } }]
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'DigestWindowClosed':
        return { ...state, closedAt: event.data.to, through: event.data.through }
      case 'SignInLinkUsed':
        return { ...state, usedLinks: [...state.usedLinks, event.data.link].slice(-LINKS_REMEMBERED) }
      default:
        event satisfies never
        return state
    }
  },
}
