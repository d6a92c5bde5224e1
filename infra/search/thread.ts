import { readItemId } from '#domain/archive/item-id'
import { conditionsOf, type Query } from '#domain/archive/query/query'
import { answerFact, conversationFact, openingFact } from './facts.ts'
import type { SearchReader, StoredDocument } from './port.ts'
import type { Sought } from './sought.ts'
import { subjectOfThread } from './subject.ts'

/** Mails looked at to learn what else belongs to their conversation, and the facts it is then found by. */
const MOST_LOOKED_AT = 100
const MOST_FACTS = 200

/**
 * What mails of the threads named in a query have in common, by name. A thread is what its mails refer to (References, In-Reply-To); an answer that
 * refers to nothing belongs to the mail with its subject. Only what lies in `scope` is looked at.
 */
export const threadsIn = async (
  query: Query,
  reader: Pick<SearchReader, 'search' | 'documents'>,
  scope: Sought,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const threads = new Map<string, readonly string[]>()
  for (const condition of conditionsOf(query))
    if (condition.is === 'thread' && !threads.has(condition.of))
      threads.set(condition.of, await threadOf(condition.of, reader, scope))
  return threads
}

const threadOf = async (
  named: string,
  reader: Pick<SearchReader, 'search' | 'documents'>,
  scope: Sought,
): Promise<readonly string[]> => {
  const facts = new Set<string>()
  const learn = (document: StoredDocument): void => {
    for (const fact of factsOf(document)) if (facts.size < MOST_FACTS) facts.add(fact)
  }
  if (readItemId(named) === null) facts.add(conversationFact(named))
  else for (const document of await reader.documents([named])) learn(document)
  // twice: who refers to it, and who refers to what those refer to
  for (let round = 0; round < 2 && facts.size > 0; round += 1) {
    const any: Sought = { is: 'or', of: [...facts].map((fact) => ({ is: 'fact', fact })) }
    const { documents } = await reader.search({
      sought: { is: 'and', of: [scope, any] },
      order: 'date',
      cursor: null,
      limit: MOST_LOOKED_AT,
    })
    for (const document of documents) learn(document)
  }
  return [...facts]
}

const factsOf = ({ messageId, references, subject }: StoredDocument): readonly string[] => {
  const ids = [...(messageId === null ? [] : [messageId]), ...references].map(conversationFact)
  const { isAnswer, about } = subjectOfThread(subject ?? '')
  if (about === '' || references.length > 0) return ids
  return [...ids, answerFact(about), ...(isAnswer ? [openingFact(about)] : [])]
}
