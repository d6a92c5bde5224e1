import { Alert, Button, Group, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answered, api } from '../api/client'
import { useTell } from '../shell/notices'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { When } from '../shell/when'
import { useWords } from '../words/words'

const EVERY_MS = 5_000

/** One sentence with the worst thing first, then alarms and views. */
export default function SystemPage() {
  const words = useWords().system
  const alarms = useQuery({
    queryKey: ['alarms'],
    queryFn: () => answered(api.GET('/api/v1/alarms', { params: { query: { limit: 50 } } })),
    refetchInterval: EVERY_MS,
  })
  const going = alarms.data?.items.filter(({ state }) => state !== 'over') ?? []
  return (
    <div className="reading">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      {alarms.error === null ? null : <ProblemShown error={alarms.error} />}
      {alarms.data !== undefined && going.length === 0 ? <Text>{words.fine}</Text> : null}
      <Alarms alarms={going} />
      <Views />
    </div>
  )
}

interface AlarmShown {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly detail: string
  readonly state: string
  readonly raisedAt: string
  readonly acknowledgedBy: string | null
}

const Alarms = ({ alarms }: { readonly alarms: readonly AlarmShown[] }) => {
  const words = useWords().system
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: (id: string) => answered(api.POST('/api/v1/alarms/{id}/acknowledge', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['alarms'] }),
    onError: tellProblem,
  })
  return alarms.map(({ acknowledgedBy, detail, id, kind, raisedAt, state, subject }) => (
    <Alert key={id} color="red" variant="light" my="sm" title={`${kind} (${subject})`}>
      <Text>{detail}</Text>
      <Group mt="xs">
        <Text size="sm" c="dimmed">
          <When at={raisedAt} />
          {acknowledgedBy === null ? '' : ` · ${words.acknowledged}: ${acknowledgedBy}`}
        </Text>
        {state === 'raised' ? (
          <Button size="compact-sm" variant="default" onClick={() => acknowledge.mutate(id)}>
            {words.acknowledge}
          </Button>
        ) : null}
      </Group>
    </Alert>
  ))
}

const Views = () => {
  const words = useWords().system
  const tell = useTell()
  const onError = useTellProblem()
  const views = useQuery({
    queryKey: ['projections'],
    queryFn: () => answered(api.GET('/api/v1/projections', { params: { query: { limit: 100 } } })),
    refetchInterval: EVERY_MS,
  })
  const verify = useMutation({
    mutationFn: (name: string) =>
      answered(api.POST('/api/v1/projections/{name}/verify', { params: { path: { name } } })),
    onSuccess: ({ same }) => tell(same ? words.same : words.differs),
    onError,
  })
  const rebuild = useMutation({
    mutationFn: (name: string) =>
      answered(api.POST('/api/v1/projections/{name}/rebuild', { params: { path: { name } } })),
    onSuccess: ({ events }) => tell(words.rebuilt(events)),
    onError,
  })
  return (
    <section>
      <Title order={2} size="h4" mt="xl" mb="sm">
        {words.views}
      </Title>
      {views.data?.items.map(({ events, lag, name, state, stopped }) => (
        <Group key={name} className="row" justify="space-between">
          <div>
            <Text fw={600}>{name}</Text>
            <Text size="sm" c="dimmed">
              {state}, {events} {words.events}
              {lag.events > 0 ? `, ${lag.events} ${words.lag}` : ''}
              {stopped === null ? '' : `: ${stopped.reason}`}
            </Text>
          </div>
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              loading={verify.isPending && verify.variables === name}
              onClick={() => verify.mutate(name)}
            >
              {words.verify}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              loading={rebuild.isPending && rebuild.variables === name}
              onClick={() => rebuild.mutate(name)}
            >
              {words.rebuild}
            </Button>
          </Group>
        </Group>
      ))}
    </section>
  )
}
