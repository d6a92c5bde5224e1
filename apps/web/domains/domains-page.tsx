import { Button, Code, Group, Loader, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answered, api } from '../api/client'
import { usePagesOf } from '../shell/pages-of'
import { ProblemShown } from '../shell/problem'
import { useWords } from '../words/words'

export default function DomainsPage() {
  const words = useWords().domains
  const list = usePagesOf(['domains'], (cursor) =>
    answered(api.GET('/api/v1/domains', { params: { query: { ...cursor, limit: 200 } } })),
  )
  return (
    <div className="reading">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      {list.error === null ? null : <ProblemShown error={list.error} />}
      {list.items.map(({ mailboxHost, name }) => (
        <HostedDomain key={name} name={name} mailboxHost={mailboxHost} />
      ))}
    </div>
  )
}

const HostedDomain = ({ mailboxHost, name }: { readonly name: string; readonly mailboxHost: string }) => {
  const words = useWords().domains
  const [checked, setChecked] = useState(false)
  const check = useQuery({
    queryKey: ['domain-check', name],
    queryFn: () => answered(api.GET('/api/v1/domains/{domain}/check', { params: { path: { domain: name } } })),
    enabled: checked,
    staleTime: 60_000,
  })
  return (
    <section className="row">
      <Group justify="space-between">
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {words.host}: {mailboxHost}
          </Text>
        </div>
        <Button
          variant="default"
          onClick={() => (checked ? void check.refetch() : setChecked(true))}
          loading={check.isFetching}
        >
          {words.check}
        </Button>
      </Group>
      {check.error === null ? null : <ProblemShown error={check.error} />}
      {checked && check.isPending ? <Loader className="late" mt="sm" /> : null}
      {check.data?.findings.map((finding) => (
        <div key={`${finding.check} ${finding.name} ${finding.type}`} style={{ marginTop: '1rem' }}>
          <Text fw={600}>
            {finding.status === 'ok' ? '✔' : finding.needed ? '✖' : '…'} {finding.check} ({finding.type} {finding.name})
          </Text>
          <Text size="sm">{finding.status === 'ok' ? words.asItShould : finding.advice}</Text>
          {finding.publish === null ? null : <Code block>{finding.publish}</Code>}
        </div>
      ))}
    </section>
  )
}
