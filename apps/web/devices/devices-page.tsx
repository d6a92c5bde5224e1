import { Alert, Button, Code, CopyButton, Group, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answered, api } from '../api/client'
import { useSession } from '../api/session'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { When } from '../shell/when'
import { useWords } from '../words/words'

export default function DevicesPage() {
  const words = useWords().devices
  const onError = useTellProblem()
  const queries = useQueryClient()
  const address = useSession()?.address ?? ''
  const path = { address }
  const [made, setMade] = useState<{ name: string; password: string } | null>(null)
  const all = useQuery({
    queryKey: ['app-passwords', address],
    queryFn: () => answered(api.GET('/api/v1/accounts/{address}/app-passwords', { params: { path } })),
  })
  const onSettled = () => queries.invalidateQueries({ queryKey: ['app-passwords'] })
  const add = useMutation({
    mutationFn: (name: string) =>
      answered(api.POST('/api/v1/accounts/{address}/app-passwords', { params: { path }, body: { name } })),
    onSuccess: ({ name, password }) => setMade({ name, password }),
    onSettled,
    onError,
  })
  const revoke = useMutation({
    mutationFn: (id: string) =>
      answered(api.DELETE('/api/v1/accounts/{address}/app-passwords/{id}', { params: { path: { address, id } } })),
    onSettled,
    onError,
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    add.mutate(String(new FormData(form).get('name')), { onSuccess: () => form.reset() })
  }
  return (
    <div className="reading">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      {all.error === null ? null : <ProblemShown error={all.error} />}
      {made === null ? null : (
        <Alert my="md" color="blue" variant="light">
          <Text>{words.shown(made.name)}</Text>
          <Group mt="sm">
            <Code fz="md">{made.password}</Code>
            <CopyButton value={made.password}>
              {({ copied, copy }) => <Button onClick={copy}>{copied ? words.copied : words.copy}</Button>}
            </CopyButton>
          </Group>
        </Alert>
      )}
      {all.data?.items.length === 0 ? <Text>{words.empty}</Text> : null}
      {all.data?.items.map(({ id, issuedAt, name }) => (
        <Group key={id} justify="space-between" className="row">
          <div>
            <Text fw={600}>{name}</Text>
            <Text size="sm" c="dimmed">
              {words.since} <When at={issuedAt} />
            </Text>
          </div>
          <Button variant="subtle" color="red" onClick={() => revoke.mutate(id)} aria-label={`${words.revoke} ${name}`}>
            {words.revoke}
          </Button>
        </Group>
      ))}
      <form onSubmit={submit}>
        <Group align="end" mt="lg">
          <TextInput name="name" label={words.name} required withAsterisk={false} maxLength={200} style={{ flex: 1 }} />
          <Button type="submit" loading={add.isPending}>
            {words.add}
          </Button>
        </Group>
      </form>
    </div>
  )
}
