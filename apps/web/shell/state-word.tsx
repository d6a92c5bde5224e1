import { Text } from '@mantine/core'
import { useWords } from '../words/words'

export type StateName =
  | 'delivered'
  | 'quarantined'
  | 'waiting'
  | 'refused'
  | 'infected'
  | 'bounced'
  | 'discarded'
  | 'expired'

const ICONS: Readonly<Record<StateName, string>> = {
  delivered: '✔',
  quarantined: '◐',
  waiting: '…',
  refused: '⊘',
  infected: '✖',
  bounced: '↩',
  discarded: '–',
  expired: '–',
}

/** A state is always word, icon and colour together. */
export const StateWord = ({ state }: { readonly state: StateName }) => {
  const words = useWords().states
  return (
    <Text span fw={600} size="sm" className={`state state-${state}`}>
      <span aria-hidden="true">{ICONS[state]}</span> {words[state]}
    </Text>
  )
}

/** The word for a recipient's state as the API tells it, and why it is held. */
export const stateOf = (state: string, reason: string | null = null): StateName => {
  if (state === 'quarantined') return reason === 'virus' ? 'infected' : 'quarantined'
  if (state === 'pending' || state === 'deferred') return 'waiting'
  if (state === 'undeliverable') return 'bounced'
  return state as StateName
}
