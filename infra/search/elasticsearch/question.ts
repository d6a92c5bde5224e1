import type { estypes } from '@elastic/elasticsearch'
import { ANY_FACT } from '../facts.ts'
import type { Field, Sought } from '../sought.ts'
import { ANYWHERE } from './mapping.ts'

type Question = estypes.QueryDslQueryContainer

/** How Elasticsearch is asked. What was removed has no facts. */
export const questionOf = (sought: Sought): Question => {
  switch (sought.is) {
    case 'everything':
      return { term: { facts: ANY_FACT } }
    case 'and':
      return { bool: { must: sought.of.map(questionOf) } }
    case 'or':
      return { bool: { should: sought.of.map(questionOf), minimum_should_match: 1 } }
    case 'forms':
      return { dis_max: { queries: sought.of.map(questionOf) } }
    case 'not':
      return { bool: { must: [{ term: { facts: ANY_FACT } }], must_not: [questionOf(sought.of)] } }
    case 'fact':
      return { term: { facts: sought.fact } }
    case 'token':
      return inAny(sought.fields, (field) => ({ term: { [field]: { value: sought.token } } }))
    case 'beginning':
      return inAny(sought.fields, (field) => ({ prefix: { [field]: { value: sought.of } } }))
    case 'phrase':
      return inAny(sought.fields, (field) => ({ match_phrase: { [field]: { query: sought.tokens.join(' ') } } }))
    case 'date':
      return {
        range: {
          date: {
            ...(sought.from === null ? {} : { gte: sought.from }),
            ...(sought.to === null ? {} : { lt: sought.to }),
            format: 'epoch_millis',
          },
        },
      }
    case 'size':
      return {
        range: {
          size: {
            ...(sought.over === null ? {} : { gt: sought.over }),
            ...(sought.under === null ? {} : { lt: sought.under }),
          },
        },
      }
  }
}

const inAny = (fields: readonly Field[] | null, ask: (field: string) => Question): Question => {
  const [first, ...others] = fields ?? [ANYWHERE]
  if (first === undefined || others.length === 0) return ask(first ?? ANYWHERE)
  return { bool: { should: (fields ?? []).map(ask), minimum_should_match: 1 } }
}
