import { Group, TextInput, Title } from '@mantine/core'
import { answered, api } from '../api/client'
import { usePagesOf } from '../shell/pages-of'
import { useQueryState } from '../shell/query-state'
import { Rows } from '../shell/rows'
import { When } from '../shell/when'
import { useWords } from '../words/words'

export default function RefusalsPage() {
  const words = useWords().refusals
  const [recipient, setRecipient] = useQueryState('recipient')
  const [ip, setIp] = useQueryState('ip')
  const query = { ...(recipient === '' ? {} : { recipient }), ...(ip === '' ? {} : { ip }) }
  const list = usePagesOf(
    ['refusals', query],
    (cursor) => answered(api.GET('/api/v1/refusals', { params: { query: { ...query, ...cursor, limit: 100 } } })),
    { refetchInterval: 10_000 },
  )
  return (
    <>
      <Title order={1} size="h2">
        {words.heading}
      </Title>
      <Group my="md">
        <TextInput
          label={words.recipient}
          value={recipient}
          onChange={(event) => setRecipient(event.currentTarget.value)}
        />
        <TextInput label={words.client} value={ip} onChange={(event) => setIp(event.currentTarget.value)} />
      </Group>
      <Rows
        list={list}
        label={words.heading}
        keyOf={({ id }) => id}
        empty={words.empty}
        columns={[
          { name: words.when, cell: ({ at }) => <When at={at} /> },
          { name: words.stage, cell: ({ stage }) => stage },
          {
            name: words.client,
            cell: ({ client }) => (
              <span className="mono">{[client.address, client.name].filter((one) => one !== null).join(' ')}</span>
            ),
          },
          { name: words.sender, cell: ({ reversePath }) => <bdi>{reversePath ?? '—'}</bdi> },
          { name: words.recipient, cell: ({ recipient: to }) => <bdi>{to ?? '—'}</bdi> },
          { name: words.check, cell: ({ check }) => check },
          { name: words.reply, cell: ({ reply }) => `${reply.code} ${reply.enhancedCode ?? ''} ${reply.text}` },
          { name: words.times, cell: ({ count }) => count, numbers: true },
        ]}
      />
    </>
  )
}
