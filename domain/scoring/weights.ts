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

export const defaultThreshold = 5
