import { Code, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'wouter'
import { answered, api, type Schemas } from '../api/client'
import { ProblemShown } from '../shell/problem'
import { StateWord, stateOf } from '../shell/state-word'
import { When } from '../shell/when'
import { useWords } from '../words/words'

/** Everything that is known of one mail: per recipient what became of it, then what happened, then what it is judged by. */
export default function MailPage() {
  const words = useWords()
  const { mail: id } = useParams<{ mail: string }>()
  const { data, error, refetch } = useQuery({
    queryKey: ['mail', id],
    queryFn: () => answered(api.GET('/api/v1/mails/{mail}', { params: { path: { mail: id } } })),
    refetchInterval: 10_000,
  })
  if (error !== null) return <ProblemShown error={error} retry={() => void refetch()} />
  if (data === undefined) return <Skeleton className="late" height={300} />
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          <bdi>{data.subject ?? words.quarantine.noSubject}</bdi>
        </Title>
        <Text>
          {words.mail.from}{' '}
          <bdi>{[data.headerFromName, data.headerFrom].filter((part) => part !== null).join(' ') || '<>'}</bdi>,{' '}
          <When at={data.acceptedAt} />
        </Text>
      </div>
      <div>
        {data.recipients.map((recipient) => (
          <RecipientLine key={recipient.mailbox} recipient={recipient} />
        ))}
      </div>
      <section>
        <Title order={2} size="h4" mb="sm">
          {words.mail.timeline}
        </Title>
        {data.events.map((event) => (
          <TimelineEntry key={event.id} event={event} />
        ))}
      </section>
      <Symbols recipients={data.recipients} />
      <section>
        <Title order={2} size="h4" mb="sm">
          {words.mail.envelope}
        </Title>
        <Text className="mono">MAIL FROM:&lt;{data.reversePath}&gt;</Text>
        {data.recipients.map(({ address }) => (
          <Text key={address} className="mono">
            RCPT TO:&lt;{address}&gt;
          </Text>
        ))}
        <Text className="mono">
          {words.mail.client}: {data.client.address} {data.client.name ?? ''}{' '}
          {data.client.helo === null ? '' : `(${data.client.helo})`}
        </Text>
        <Text className="mono">Message-ID: {data.messageId ?? '—'}</Text>
        <Text className="mono">
          {words.mail.size}: {(data.size / 1000).toFixed(1)} kB · {data.id} · sha256:{data.contentHash}
        </Text>
      </section>
    </Stack>
  )
}

const RecipientLine = ({ recipient }: { readonly recipient: Schemas['Recipient'] }) => {
  const words = useWords().mail
  const { address, reason, reply, score, state, threshold } = recipient
  return (
    <Group gap="sm">
      <StateWord state={stateOf(state, reason)} />
      <Text>
        <bdi>{address}</bdi>
        {reason === null
          ? ''
          : ` (${reason}${score === null || threshold === null ? '' : `, ${words.score(score, threshold)}`})`}
        {reply === null ? '' : `: ${reply.code} ${reply.text}`}
      </Text>
    </Group>
  )
}

/** `ScanCleared`: scan cleared. */
const spelled = (type: string): string => type.replaceAll(/(?<=[a-z])([A-Z])/g, ' $1').toLowerCase()

const actorName = ({ actor }: Schemas['Event']): string =>
  actor.kind === 'account' ? actor.address : actor.kind === 'system' ? actor.part : actor.name

const TimelineEntry = ({ event }: { readonly event: Schemas['Event'] }) => {
  const words = useWords().mail
  const { recipient } = event.data as { recipient?: string }
  return (
    <details className="row">
      <summary>
        <Text span size="sm" c="dimmed">
          <When at={event.occurredAt} />
        </Text>{' '}
        <Text span fw={600}>
          {spelled(event.type)}
        </Text>{' '}
        <Text span>
          {recipient ?? ''} {words.actor} {actorName(event)}
        </Text>
      </summary>
      <Code block mt="xs">
        {JSON.stringify(event.data, null, 2)}
      </Code>
    </details>
  )
}

const Symbols = ({ recipients }: { readonly recipients: readonly Schemas['Recipient'][] }) => {
  const words = useWords().mail
  const symbols = recipients.find((one) => one.symbols.length > 0)?.symbols ?? []
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {words.symbols}
      </Title>
      {symbols.length === 0 ? (
        <Text>{words.noSymbols}</Text>
      ) : (
        <div className="wide" tabIndex={0} role="region" aria-label={words.symbols}>
          <Table verticalSpacing={4}>
            <Table.Tbody>
              {symbols
                .toSorted((one, other) => Math.abs(other.weight) - Math.abs(one.weight))
                .map(({ description, name, weight }) => (
                  <Table.Tr key={name}>
                    <Table.Td className="numbers">{weight.toFixed(1)}</Table.Td>
                    <Table.Td className="mono">{name}</Table.Td>
                    <Table.Td>{description}</Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </section>
  )
}
