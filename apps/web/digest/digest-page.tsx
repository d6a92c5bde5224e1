import { Button, Checkbox, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answered, api, type Schemas } from '../api/client'
import { useSession } from '../api/session'
import { useTell } from '../shell/notices'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { When } from '../shell/when'
import { useWords } from '../words/words'

export default function DigestPage() {
  const words = useWords().digest
  const address = useSession()?.address ?? ''
  const digest = useQuery({
    queryKey: ['digest', address],
    queryFn: () => answered(api.GET('/api/v1/accounts/{address}/digest', { params: { path: { address } } })),
  })
  return (
    <div className="reading">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      {digest.error === null ? null : <ProblemShown error={digest.error} />}
      {digest.data === undefined ? null : <Wishes key={JSON.stringify(digest.data)} said={digest.data} />}
      <Preview address={address} />
    </div>
  )
}

const Wishes = ({ said }: { readonly said: Schemas['Digest'] }) => {
  const words = useWords().digest
  const tell = useTell()
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const path = { address: said.address }
  const change = useMutation({
    mutationFn: (body: {
      times?: string[]
      days?: 'every-day' | 'weekdays'
      when?: 'traffic' | 'held'
      useDefault?: true
    }) => answered(api.PATCH('/api/v1/accounts/{address}/digest', { params: { path }, body })),
    onSuccess: (changed) => {
      queries.setQueryData(['digest', said.address], changed)
      tell(words.saved)
    },
    onError: tellProblem,
  })
  const send = useMutation({
    mutationFn: () => answered(api.POST('/api/v1/accounts/{address}/digest/send', { params: { path } })),
    onSuccess: () => tell(words.sent),
    onError: tellProblem,
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const times = String(form.get('times'))
      .split(/[\s,;]+/)
      .filter((time) => time !== '')
    change.mutate({
      times,
      days: form.get('weekdays') === null ? 'every-day' : 'weekdays',
      when: form.get('held') === null ? 'traffic' : 'held',
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="times"
          label={words.times}
          description={words.timesHint}
          defaultValue={said.times.join(', ')}
        />
        <Checkbox name="weekdays" label={words.weekdays} defaultChecked={said.days === 'weekdays'} />
        <Checkbox name="held" label={words.held} defaultChecked={said.when === 'held'} />
        <Text size="sm" c="dimmed">
          {words.from[said.from]}{' '}
          {said.nextAt === null ? (
            words.never
          ) : (
            <>
              {words.next}: <When at={said.nextAt} /> ({said.timeZone})
            </>
          )}
        </Text>
        <Group>
          <Button type="submit" loading={change.isPending}>
            {words.save}
          </Button>
          <Button variant="default" loading={send.isPending} onClick={() => send.mutate()}>
            {words.send}
          </Button>
          {said.from === 'account' ? (
            <Button variant="subtle" onClick={() => change.mutate({ useDefault: true })}>
              {words.useDefault}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </form>
  )
}

/** In a frame of its own without scripts, forms or anything from elsewhere: a preview's links are for the eye. */
const Preview = ({ address }: { readonly address: string }) => {
  const words = useWords().digest
  const [shown, setShown] = useState(false)
  const { data } = useQuery({
    queryKey: ['digest-preview', address],
    queryFn: () => answered(api.GET('/api/v1/accounts/{address}/digest/preview', { params: { path: { address } } })),
    enabled: shown,
  })
  return (
    <>
      <Button mt="xl" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {words.preview}
      </Button>
      {shown && data !== undefined ? (
        <>
          <Text fw={600} mt="md">
            {data.subject}
          </Text>
          <pre className="preview">{data.text}</pre>
        </>
      ) : null}
    </>
  )
}
