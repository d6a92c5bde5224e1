import { Button, Group, Tabs, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answered, api } from '../api/client'
import { useSession } from '../api/session'
import { useTell } from '../shell/notices'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { When } from '../shell/when'
import { useWords } from '../words/words'

type Name = 'allow' | 'block'
const LISTS = {
  allow: { all: '/api/v1/accounts/{address}/allow-list', one: '/api/v1/accounts/{address}/allow-list/{entry}' },
  block: { all: '/api/v1/accounts/{address}/block-list', one: '/api/v1/accounts/{address}/block-list/{entry}' },
} as const

export default function ListsPage() {
  const words = useWords().lists
  return (
    <div className="reading">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      <Tabs defaultValue="allow" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="allow">{words.allow}</Tabs.Tab>
          <Tabs.Tab value="block">{words.block}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="allow">
          <SenderList name="allow" />
        </Tabs.Panel>
        <Tabs.Panel value="block">
          <SenderList name="block" />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

const SenderList = ({ name }: { readonly name: Name }) => {
  const words = useWords().lists
  const tell = useTell()
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const address = useSession()?.address ?? ''
  const key = ['list', name, address]
  const entries = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      answered(
        api.GET(LISTS[name].all, {
          params: { path: { address }, query: { limit: 500, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const put = (entry: string) => answered(api.PUT(LISTS[name].one, { params: { path: { address, entry } }, body: {} }))
  const onSettled = () => queries.invalidateQueries({ queryKey: ['list'] })
  const add = useMutation({ mutationFn: put, onSettled })
  const remove = useMutation({
    mutationFn: (entry: string) => answered(api.DELETE(LISTS[name].one, { params: { path: { address, entry } } })),
    onSettled,
    onSuccess: (_, entry) => tell(`${words.remove}: ${entry}`, { words: '↶', act: () => add.mutate(entry) }),
  })
  const [many, setMany] = useState('')
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const entry = String(new FormData(form).get('entry')).trim()
    add.mutate(entry, { onSuccess: () => form.reset(), onError: tellProblem })
  }
  const importMany = async (): Promise<void> => {
    const lines = many.split(/\s+/).filter((line) => line !== '')
    const outcomes = await Promise.allSettled(lines.map(put))
    const bad = lines.filter((_, index) => outcomes[index]?.status === 'rejected')
    tell(words.imported(lines.length - bad.length, bad.length))
    // What was not understood stays to be mended.
    setMany(bad.join('\n'))
    await onSettled()
  }
  const items = entries.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <form onSubmit={submit}>
        <Group align="end" my="md">
          <TextInput name="entry" label={words.entry} required withAsterisk={false} style={{ flex: 1 }} />
          <Button type="submit" loading={add.isPending}>
            {words.add}
          </Button>
        </Group>
      </form>
      {entries.error === null ? null : <ProblemShown error={entries.error} />}
      {entries.data !== undefined && items.length === 0 ? (
        <Text>{name === 'allow' ? words.allowEmpty : words.blockEmpty}</Text>
      ) : null}
      {items.map(({ entry, note, since }) => (
        <Group key={entry} justify="space-between" className="row" wrap="nowrap">
          <div>
            <Text>
              <bdi>{entry}</bdi>
            </Text>
            <Text size="sm" c="dimmed">
              {words.since} <When at={since} />
              {note === null ? '' : ` · ${note}`}
            </Text>
          </div>
          <Button variant="subtle" onClick={() => remove.mutate(entry)} aria-label={`${words.remove} ${entry}`}>
            {words.remove}
          </Button>
        </Group>
      ))}
      {entries.hasNextPage ? <Button onClick={() => void entries.fetchNextPage()}>…</Button> : null}
      <Textarea
        mt="xl"
        label={words.import}
        autosize
        minRows={2}
        maxRows={12}
        value={many}
        onChange={(event) => setMany(event.currentTarget.value)}
      />
      <Button mt="sm" variant="default" disabled={many.trim() === ''} onClick={() => void importMany()}>
        {words.add}
      </Button>
    </>
  )
}
