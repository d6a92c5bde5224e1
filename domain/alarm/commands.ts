import type { AlarmKind } from './events.ts'

/** Raising what is raised and clearing what is clear yields nothing. */
export type AlarmCommand =
  | { readonly kind: 'raise'; readonly alarm: AlarmKind; readonly subject: string; readonly detail: string }
  | { readonly kind: 'acknowledge'; readonly by: string }
  | { readonly kind: 'clear'; readonly detail: string }
