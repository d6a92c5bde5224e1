import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { answered, api } from '../api/client'
import { ProblemShown } from '../shell/problem'
import { useWords } from '../words/words'
import type { Held } from './acts'

/** The beginning of a held mail as text: nothing in it is markup, nothing is loaded. */
export const Preview = ({ item: { mail, recipient } }: { readonly item: Held }) => {
  const words = useWords().quarantine
  const { data, error } = useQuery({
    queryKey: ['preview', mail, recipient],
    queryFn: () =>
      answered(api.GET('/api/v1/quarantine/{mail}/{recipient}/preview', { params: { path: { mail, recipient } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (error !== null) return <ProblemShown error={error} />
  if (data === undefined) return <Skeleton className="late" height={96} mt="sm" />
  return (
    <>
      <Text size="xs" c="dimmed" mt="sm">
        {words.previewHidden}
      </Text>
      <div className="preview" dir="auto">
        {data.text}
        {data.cut ? ' …' : ''}
      </div>
      {data.attachments.length === 0 ? null : (
        <Text size="sm" mt="xs">
          {words.attachments(data.attachments.length)}: {data.attachments.map(({ name }) => name).join(', ')}
        </Text>
      )}
    </>
  )
}
