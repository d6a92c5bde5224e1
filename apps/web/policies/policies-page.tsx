import { Alert, Button, Code, Group, Tabs, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { answered, api, type Schemas } from '../api/client'
import { useTell } from '../shell/notices'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { When } from '../shell/when'
import { useWords } from '../words/words'
import { changesBetween } from './changes'

type Policy = Schemas['Policy']

export default function PoliciesPage() {
  const words = useWords().policies
  const all = useQuery({
    queryKey: ['policies'],
    queryFn: () => answered(api.GET('/api/v1/policies', { params: { query: { limit: 100 } } })),
  })
  return (
    <>
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      {all.error === null ? null : <ProblemShown error={all.error} />}
      {all.data === undefined ? null : (
        <Tabs defaultValue={all.data.items[0]?.name ?? null} keepMounted={false}>
          <Tabs.List>
            {all.data.items.map(({ name }) => (
              <Tabs.Tab key={name} value={name}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {all.data.items.map((policy) => (
            <Tabs.Panel key={policy.name} value={policy.name}>
              <Editor key={policy.version} policy={policy} />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </>
  )
}

const parsed = (text: string): { readonly document: Policy['document'] } | { readonly problem: string } => {
  try {
    return { document: JSON.parse(text) as Policy['document'] }
  } catch (error) {
    return { problem: String(error) }
  }
}

/** The whole document, what would change of it, and why: a version that others can read and take back. */
const Editor = ({ policy }: { readonly policy: Policy }) => {
  const words = useWords().policies
  const tell = useTell()
  const tellProblem = useTellProblem()
  const queries = useQueryClient()
  const [text, setText] = useState(() => JSON.stringify(policy.document, null, 2))
  const [reason, setReason] = useState('')
  const read = useMemo(() => parsed(text), [text])
  const changes = 'document' in read ? changesBetween(policy.document, read.document) : []
  const save = useMutation({
    mutationFn: (document: Policy['document']) =>
      answered(
        api.PUT('/api/v1/policies/{name}', {
          params: { path: { name: policy.name } },
          body: { document, reason, version: policy.version },
        }),
      ),
    onSuccess: () => tell(words.saved),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ['policies'] }),
  })
  return (
    <>
      <Text my="sm" c="dimmed">
        {words.version} {policy.version}
      </Text>
      <Textarea
        aria-label={policy.name}
        autosize
        minRows={8}
        maxRows={28}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        styles={{ input: { fontFamily: 'ui-monospace, monospace' } }}
        spellCheck={false}
      />
      {'problem' in read ? (
        <Alert color="red" my="sm">
          {words.invalid} {read.problem}
        </Alert>
      ) : (
        <>
          <Text fw={600} mt="md">
            {words.changed}
          </Text>
          {changes.length === 0 ? <Text>{words.nothingChanged}</Text> : null}
          {changes.map(({ after, before, path }) => (
            <Text key={path} className="mono">
              {path}: <s>{before}</s> → <b>{after}</b>
            </Text>
          ))}
          <Group align="end" mt="md">
            <TextInput
              label={words.reason}
              description={words.reasonHint}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              style={{ flex: 1 }}
              maxLength={1_000}
            />
            <Button
              disabled={changes.length === 0 || reason.trim() === ''}
              loading={save.isPending}
              onClick={() => save.mutate(read.document)}
            >
              {words.save}
            </Button>
          </Group>
        </>
      )}
      <History name={policy.name} onTake={(document) => setText(JSON.stringify(document, null, 2))} />
    </>
  )
}

const History = ({
  name,
  onTake,
}: {
  readonly name: Policy['name']
  readonly onTake: (document: Policy['document']) => void
}) => {
  const words = useWords().policies
  const { data } = useQuery({
    queryKey: ['policies', name, 'versions'],
    queryFn: () =>
      answered(api.GET('/api/v1/policies/{name}/versions', { params: { path: { name }, query: { limit: 50 } } })),
  })
  return (
    <section>
      <Title order={2} size="h4" mt="xl" mb="sm">
        {words.history}
      </Title>
      {data?.items.map(({ at, by, document, reason, version }) => (
        <details key={version} className="row">
          <summary>
            {words.version} {version}
            {at === null ? (
              ''
            ) : (
              <>
                {' '}
                · <When at={at} />
              </>
            )}{' '}
            {by !== null && by.kind === 'account' ? by.address : ''} {reason}
          </summary>
          <Code block my="xs">
            {JSON.stringify(document, null, 2)}
          </Code>
          <Button size="compact-sm" variant="default" onClick={() => onTake(document)}>
            {words.restore}
          </Button>
        </details>
      ))}
    </section>
  )
}
