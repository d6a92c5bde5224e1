import { Anchor, Button, Group, Modal, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { answered, api, type Schemas } from '../api/client'
import { usePagesOf } from '../shell/pages-of'
import { useTellProblem } from '../shell/problem'
import { Rows } from '../shell/rows'
import { When } from '../shell/when'
import { useWords } from '../words/words'

type Entry = Schemas['QueueEntry']
type Act = 'retry' | 'hold' | 'unhold' | 'bounce'

export default function QueuePage() {
  const words = useWords().queue
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const [bouncing, setBouncing] = useState<Entry | null>(null)
  const list = usePagesOf(
    ['queue'],
    (cursor) => answered(api.GET('/api/v1/queue', { params: { query: { ...cursor, limit: 100 } } })),
    { refetchInterval: 5_000 },
  )
  const act = useMutation({
    mutationFn: ({ act, entry: { mail, recipient } }: { act: Act; entry: Entry }) =>
      answered(api.POST(`/api/v1/queue/{mail}/{recipient}/${act}`, { params: { path: { mail, recipient } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['queue'] }),
    onError: tellProblem,
  })
  return (
    <>
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      <Rows
        list={list}
        label={words.heading}
        keyOf={({ mail, recipient }) => `${mail} ${recipient}`}
        empty={words.empty}
        columns={[
          {
            name: words.recipient,
            cell: (entry) => (
              <Anchor component={Link} href={`/mails/${entry.mail}`}>
                <bdi>{entry.address}</bdi>
              </Anchor>
            ),
          },
          {
            name: words.next,
            cell: ({ dueAt, held }) => (held ? words.held : dueAt === null ? '—' : <When at={dueAt} />),
          },
          { name: words.attempts, cell: ({ attempts }) => attempts, numbers: true },
          {
            name: words.reply,
            cell: ({ host, reply }) => (reply === null ? '—' : `${host ?? ''}: ${reply.code} ${reply.text}`),
          },
          {
            name: '',
            cell: (entry) => (
              <Group gap={4} wrap="nowrap">
                <Button size="compact-sm" variant="default" onClick={() => act.mutate({ act: 'retry', entry })}>
                  {words.retry}
                </Button>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  onClick={() => act.mutate({ act: entry.held ? 'unhold' : 'hold', entry })}
                >
                  {entry.held ? words.unhold : words.hold}
                </Button>
                <Button size="compact-sm" variant="subtle" color="red" onClick={() => setBouncing(entry)}>
                  {words.bounce}
                </Button>
              </Group>
            ),
          },
        ]}
      />
      <Modal opened={bouncing !== null} onClose={() => setBouncing(null)} title={words.bounce}>
        <Text>{words.bounceSure(bouncing?.address ?? '')}</Text>
        <Group mt="md">
          <Button
            color="red"
            onClick={() => {
              if (bouncing !== null) act.mutate({ act: 'bounce', entry: bouncing })
              setBouncing(null)
            }}
          >
            {words.bounce}
          </Button>
          <Button variant="default" onClick={() => setBouncing(null)}>
            {words.cancel}
          </Button>
        </Group>
      </Modal>
    </>
  )
}
