import type { EventFilter } from '../port.ts'
import { categoryOf } from '../port.ts'

/** What the server filters by: it takes streams or types, not both. */
export type ServerFilter =
  | { readonly on: 'stream'; readonly prefixes: readonly string[] }
  | { readonly on: 'type'; readonly regex: string }

export interface CompiledFilter {
  readonly server: ServerFilter
  /** The whole filter, for what the server let through. */
  matches(stream: string, type: string): boolean
  /** The server's side says it all but for system streams: counts of the server hold. */
  readonly exact: boolean
  readonly empty: boolean
  readonly key: string
}

/** Anything but what the server itself writes. */
const NOT_SYSTEM = '^[^$]'

/** Categories are matched by the server (prefixes of stream names) when there are any, types else; the other half here. */
export const compile = ({ categories, types }: EventFilter): CompiledFilter => {
  const wantedCategories = categories && new Set(categories)
  const wantedTypes = types && new Set(types)
  return {
    server: serverFilter(categories, types),
    matches: (stream, type) =>
      !isSystem(stream, type) &&
      (wantedCategories === undefined || wantedCategories.has(categoryOf(stream))) &&
      (wantedTypes === undefined || wantedTypes.has(type)),
    exact: categories === undefined || types === undefined,
    empty: categories?.length === 0 || types?.length === 0,
    key: JSON.stringify([categories?.toSorted() ?? null, types?.toSorted() ?? null]),
  }
}

const serverFilter = (
  categories: readonly string[] | undefined,
  types: readonly string[] | undefined,
): ServerFilter => {
  if (categories !== undefined) return { on: 'stream', prefixes: categories.map((category) => `${category}-`) }
  if (types !== undefined) return { on: 'type', regex: `^(?:${types.map(literal).join('|')})$` }
  return { on: 'type', regex: NOT_SYSTEM }
}

/** Events of the server (`$metadata`), links (`$>`), and whatever lies in its streams. */
export const isSystem = (stream: string, type: string): boolean => stream.startsWith('$') || type.startsWith('$')

const literal = (type: string): string => type.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&')
