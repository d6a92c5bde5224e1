import type { SymbolEntry } from './symbol-entry.ts'
import { headerWeights } from './weights-header.ts'
import { senderWeights } from './weights-sender.ts'
import { textWeights } from './weights-text.ts'

/** Version of the table below: it goes into the evidence of every verdict, so it is raised with every change of a weight. */
export const weightsVersion = 2

/**
 * The one weight table. Weights of header and text were set with the training part of a public corpus in view (7,500 mails of
 * 2002-2007) and held back where a sign is common in today's good mail. An administrator's policy overrides single ones.
 */
export const symbolTable: Readonly<Record<string, SymbolEntry>> = { ...senderWeights, ...headerWeights, ...textWeights }

/** Symbols whose names policy makes: one for each list. */
const families: readonly (readonly [prefix: string, SymbolEntry])[] = [
  [
    'URIBL_',
    {
      weight: 2.5,
      description: 'A link leads to a domain that is on this block list',
      sentence: 'A link in the mail leads to a place that a list of bad ones names.',
    },
  ],
]

/** Own properties only: a symbol named `constructor` is an unknown symbol. */
export const symbolEntry = (name: string): SymbolEntry | undefined =>
  Object.hasOwn(symbolTable, name) ? symbolTable[name] : families.find(([prefix]) => name.startsWith(prefix))?.[1]

export const defaultThreshold = 5
