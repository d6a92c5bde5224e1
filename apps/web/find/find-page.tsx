import { Anchor, Group, Text, TextInput, Title } from '@mantine/core'
import { useDeferredValue } from 'react'
import { Link } from 'wouter'
import { answered, api, type Schemas } from '../api/client'
import { usePagesOf } from '../shell/pages-of'
import { ProblemShown } from '../shell/problem'
import { useQueryState } from '../shell/query-state'
import { StateWord, stateOf } from '../shell/state-word'
import { When } from '../shell/when'
import { useWords } from '../words/words'
import { type Asked, askedIn } from './asked'

type Found =
  | { readonly at: string; readonly mail: Schemas['MailSummary'] }
  | { readonly at: string; readonly refusal: Schemas['Refusal'] }

const PAGE = 100

/** Mails and refusals in one list by time. */
const useFound = (asked: Asked | null, day: string) => {
  const span = day === '' ? {} : spanOf(day)
  const enabled = asked !== null || day !== ''
  const mails = usePagesOf(
    ['find-mails', asked, day],
    (cursor) =>
      answered(api.GET('/api/v1/mails', { params: { query: { ...asked?.mails, ...span, ...cursor, limit: PAGE } } })),
    { enabled },
  )
  const refusals = usePagesOf(
    ['find-refusals', asked, day],
    async (cursor) =>
      asked !== null && asked.refusals === null
        ? { items: [], next: null }
        : answered(
            api.GET('/api/v1/refusals', { params: { query: { ...asked?.refusals, ...span, ...cursor, limit: PAGE } } }),
          ),
    { enabled },
  )
  const found: Found[] = [
    ...mails.items.map((mail) => ({ at: mail.acceptedAt, mail })),
    ...refusals.items.map((refusal) => ({ at: refusal.at, refusal })),
  ]
  found.sort((one, other) => (one.at < other.at ? 1 : -1))
  return { found, mails, refusals, enabled }
}

/** A local day. */
const spanOf = (day: string): { after: string; before: string } => {
  const begins = new Date(`${day}T00:00`)
  const ends = new Date(begins)
  ends.setDate(ends.getDate() + 1)
  return { after: begins.toISOString(), before: ends.toISOString() }
}

export default function FindPage() {
  const words = useWords().find
  const [text, setText] = useQueryState('q')
  const [day, setDay] = useQueryState('day')
  const settled = useDeferredValue(text.trim())
  const { enabled, found, mails, refusals } = useFound(settled === '' ? null : askedIn(settled), day)
  const error = mails.error ?? refusals.error
  return (
    <>
      <Title order={1} size="h2">
        {words.heading}
      </Title>
      <Group my="md" align="end">
        <TextInput
          type="search"
          size="md"
          style={{ flex: 1 }}
          label={words.box}
          description={words.hint}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoFocus
        />
        <TextInput
          type="date"
          size="md"
          label={words.day}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      </Group>
      {error === null ? null : <ProblemShown error={error} />}
      {enabled ? null : <Text>{words.none}</Text>}
      {enabled && !mails.isPending && found.length === 0 && error === null ? <Text>{words.empty}</Text> : null}
      {found.map((one) =>
        'mail' in one ? (
          <FoundMail key={one.mail.id} mail={one.mail} />
        ) : (
          <FoundRefusal key={one.refusal.id} refusal={one.refusal} />
        ),
      )}
      {mails.hasNextPage || refusals.hasNextPage ? (
        <Anchor
          component="button"
          mt="md"
          onClick={() => {
            if (mails.hasNextPage) void mails.fetchNextPage()
            if (refusals.hasNextPage) void refusals.fetchNextPage()
          }}
        >
          {words.older}
        </Anchor>
      ) : null}
    </>
  )
}

const FoundMail = ({ mail }: { readonly mail: Schemas['MailSummary'] }) => {
  const words = useWords().quarantine
  return (
    <div className="row">
      <Group justify="space-between">
        <Anchor component={Link} href={`/mails/${mail.id}`} fw={600}>
          <bdi>{mail.subject ?? words.noSubject}</bdi>
        </Anchor>
        <Text size="sm" c="dimmed">
          <When at={mail.acceptedAt} />
        </Text>
      </Group>
      <Text size="sm">
        <bdi>{mail.headerFrom ?? mail.reversePath ?? '<>'}</bdi> →{' '}
        {mail.recipients.map(({ address }) => address).join(', ')}
      </Text>
      <Group gap="md">
        {mail.recipients.slice(0, 5).map(({ mailbox, reason, state }) => (
          <Text key={mailbox} size="sm">
            <StateWord state={stateOf(state, reason)} /> {mail.recipients.length > 1 ? mailbox : ''}
          </Text>
        ))}
      </Group>
    </div>
  )
}

const FoundRefusal = ({ refusal }: { readonly refusal: Schemas['Refusal'] }) => (
  <div className="row">
    <Group justify="space-between">
      <Text size="sm">
        <bdi>{refusal.reversePath ?? '<>'}</bdi> → {refusal.recipient ?? '…'} ({refusal.client.address})
      </Text>
      <Text size="sm" c="dimmed">
        <When at={refusal.at} />
      </Text>
    </Group>
    <Group gap="md">
      <StateWord state="refused" />
      <Text size="sm">
        {refusal.reply.code} {refusal.reply.enhancedCode} {refusal.reply.text}
        {refusal.count > 1 ? ` (${refusal.count} ×)` : ''}
      </Text>
    </Group>
  </div>
)
