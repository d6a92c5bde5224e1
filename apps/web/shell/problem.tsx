import { Alert, Button } from '@mantine/core'
import { ApiProblem } from '../api/client'
import { useWords } from '../words/words'
import { useTell } from './notices'

/** What happened, whether anything was lost, what to do now. */
const useProblemSentence = (): ((error: unknown) => string) => {
  const words = useWords().problem
  return (error) => {
    if (!(error instanceof ApiProblem)) return String(error)
    if (error.status === 0) return words.unreachable
    return error.status >= 500 ? words.fault(error.message, error.id) : error.message
  }
}

/** Tells of an act that did not succeed. */
export const useTellProblem = (): ((error: unknown) => void) => {
  const tell = useTell()
  const sentence = useProblemSentence()
  return (error) => tell(sentence(error))
}

export const ProblemShown = ({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) => {
  const sentence = useProblemSentence()
  const words = useWords().problem
  return (
    <Alert color="red" variant="light" role="alert" my="md">
      {sentence(error)}
      {retry === undefined ? null : (
        <Button variant="subtle" size="compact-sm" ml="sm" onClick={retry}>
          {words.retry}
        </Button>
      )}
    </Alert>
  )
}
