import { Button, Group, PasswordInput, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { answered, api } from '../api/client'
import { usePagesOf } from '../shell/pages-of'
import { useTellProblem } from '../shell/problem'
import { Rows } from '../shell/rows'
import { useWords } from '../words/words'

export default function AccountsPage() {
  const words = useWords().accounts
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const list = usePagesOf(['accounts'], (cursor) =>
    answered(api.GET('/api/v1/accounts', { params: { query: { ...cursor, limit: 200 } } })),
  )
  const add = useMutation({
    mutationFn: (body: { address: string; displayName: string; password: string }) =>
      answered(api.POST('/api/v1/accounts', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['accounts'] }),
    onError: tellProblem,
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const [address, displayName, password] = ['address', 'displayName', 'password'].map((name) =>
      String(given.get(name)),
    )
    add.mutate(
      { address: address ?? '', displayName: displayName ?? '', password: password ?? '' },
      { onSuccess: () => form.reset() },
    )
  }
  return (
    <>
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      <Rows
        list={list}
        label={words.heading}
        keyOf={({ address }) => address}
        empty="—"
        columns={[
          { name: words.address, cell: ({ address }) => <bdi>{address}</bdi> },
          { name: words.name, cell: ({ displayName }) => <bdi>{displayName}</bdi> },
          {
            name: words.roles,
            cell: ({ roles, suspended }) => [...roles, ...(suspended ? [words.suspended] : [])].join(', '),
          },
          { name: words.zone, cell: ({ timeZone }) => timeZone },
        ]}
      />
      <form onSubmit={submit}>
        <Group align="end" mt="xl">
          <TextInput name="address" type="email" label={words.address} required withAsterisk={false} />
          <TextInput name="displayName" label={words.name} required withAsterisk={false} />
          <PasswordInput
            name="password"
            label={words.password}
            required
            withAsterisk={false}
            w={220}
            autoComplete="new-password"
          />
          <Button type="submit" loading={add.isPending}>
            {words.add}
          </Button>
        </Group>
      </form>
    </>
  )
}
