import type { IndexDocument } from '#infra/search/port'
import { FIELDS, type Field, type Sought } from '#infra/search/sought'

/** What an answer means, said in the shortest way: each document is looked at. Engines must find the same. */
export const isFound = (sought: Sought, document: IndexDocument): boolean => {
  switch (sought.is) {
    case 'everything':
      return true
    case 'and':
      return sought.of.every((part) => isFound(part, document))
    case 'or':
    case 'forms':
      return sought.of.some((part) => isFound(part, document))
    case 'not':
      return !isFound(sought.of, document)
    case 'fact':
      return document.facts.includes(sought.fact)
    case 'date':
      return (sought.from === null || document.date >= sought.from) && (sought.to === null || document.date < sought.to)
    case 'size':
      return (
        (sought.over === null || document.size > sought.over) && (sought.under === null || document.size < sought.under)
      )
    case 'token':
      return tokensOf(document, sought.fields).some((tokens) => tokens.includes(sought.token))
    case 'beginning':
      return tokensOf(document, sought.fields).some((tokens) => tokens.some((token) => token.startsWith(sought.of)))
    case 'phrase':
      return tokensOf(document, sought.fields).some((tokens) =>
        tokens.some((_, at) => sought.tokens.every((token, step) => tokens[at + step] === token)),
      )
  }
}

const tokensOf = ({ fields }: IndexDocument, wanted: readonly Field[] | null): readonly (readonly string[])[] =>
  (wanted ?? FIELDS).map((field) => fields[field].split(' '))
