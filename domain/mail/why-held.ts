import type { QuarantineReason, ScoredSymbol } from './events.ts'

interface Held {
  readonly reason: QuarantineReason | null
  readonly detail: string | null
}

const MAX_WHY = 90

/** Why a mail is in quarantine, in one sentence from the reader's side, at most 90 characters. */
export const whyHeld = ({ reason, detail }: Held, symbols: readonly ScoredSymbol[]): string => {
  switch (reason) {
    case 'virus':
      return `It carries a virus${detail === null || detail === '' ? '' : ` (${shortened(detail, 30)})`} and can't be released.`
    case 'unscannable':
      return "It can't be looked into for viruses; ask your administrator."
    case 'attachment':
      return `It carries a kind of file that is not let in${detail === null || detail === '' ? '' : `: ${shortened(detail, 40)}`}.`
    case 'block-list':
      return `Its sender is on the block list${detail === null || detail === '' ? '' : ` (${shortened(detail, 50)})`}.`
    case 'spam': {
      // Symbols say it in a reader's words; the heaviest one decided.
      const [heaviest] = symbols.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight)
      return heaviest === undefined ? 'It looks like spam.' : shortened(heaviest.description, MAX_WHY)
    }
    case null:
      return 'It is held.'
  }
}

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`
