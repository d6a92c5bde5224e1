import type { estypes } from '@elastic/elasticsearch'
import type { Sought } from '../sought.ts'
import { ANYWHERE } from './mapping.ts'
import { questionOf } from './question.ts'

type Question = estypes.QueryDslQueryContainer

/** How much more a word counts where it names somebody. */
const WEIGHTS = { [ANYWHERE]: 1, from: 0.3, to: 0.6, cc: 0.3 }

/**
 * The question that finds the same and tells the better match: the forms of a word count once, names count more, and words that stand next to
 * each other in a question with OR count for more where they do so in the mail.
 */
export const rankedQuestionOf = (sought: Sought): Question => {
  switch (sought.is) {
    case 'and':
      return { bool: { must: sought.of.map(rankedQuestionOf) } }
    case 'or':
      return {
        bool: { should: [...sought.of.map(rankedQuestionOf), ...neighbours(sought.of)], minimum_should_match: 1 },
      }
    case 'forms':
      return { dis_max: { queries: sought.of.map(rankedQuestionOf) } }
    case 'token':
      return sought.fields === null
        ? {
            bool: {
              should: Object.entries(WEIGHTS).map(([field, boost]) => ({
                term: { [field]: { value: sought.token, boost } },
              })),
              minimum_should_match: 1,
            },
          }
        : questionOf(sought)
    default:
      return questionOf(sought)
  }
}

const neighbours = (parts: readonly Sought[]): Question[] =>
  parts.flatMap((part, at) => {
    const [word, next] = [wordOf(part), wordOf(parts[at + 1])]
    return word === null || next === null ? [] : [{ match_phrase: { [ANYWHERE]: { query: `${word} ${next}` } } }]
  })

/** As it was written; null: it is none, or is looked for in one field only. */
const wordOf = (sought: Sought | undefined): string | null => {
  const first = sought?.is === 'forms' ? sought.of[0] : sought
  return first?.is === 'token' && first.fields === null ? first.token : null
}
