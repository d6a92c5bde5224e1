/** A host that takes mail for a domain, with the preference of its MX record. */
export interface Exchanger {
  readonly name: string
  readonly preference: number
}

/** The most hosts of a domain that are tried. */
const MOST_EXCHANGERS = 10

/** By preference, lowest first; equal ones in an order of chance (RFC 5321 5.1). `random`: 0 up to but not 1. */
export const inOrder = (exchangers: readonly Exchanger[], random: () => number): readonly Exchanger[] =>
  exchangers
    .map((exchanger) => ({ exchanger, chance: random() }))
    .toSorted((one, other) => one.exchanger.preference - other.exchanger.preference || one.chance - other.chance)
    .slice(0, MOST_EXCHANGERS)
    .map(({ exchanger }) => exchanger)

/** Without ourselves and those that are no better than we are: they would send it back to us (RFC 5321 5.1). */
export const betterThanUs = <One extends Exchanger>(
  exchangers: readonly One[],
  isUs: (exchanger: One) => boolean,
): readonly One[] => {
  const us = Math.min(...exchangers.filter(isUs).map(({ preference }) => preference))
  return exchangers.filter(({ preference }) => preference < us)
}

/** One name for a destination: the set of its hosts, in whatever order and preference. */
export const destinationKey = (hosts: readonly string[]): string => [...new Set(hosts)].toSorted().join(' ')
