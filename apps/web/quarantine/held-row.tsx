import { Button, Checkbox, Group, Text } from '@mantine/core'
import { StateWord, stateOf } from '../shell/state-word'
import { When } from '../shell/when'
import { useWords } from '../words/words'
import type { Held } from './acts'
import { Preview } from './preview'
import { Sender } from './sender'

export interface HeldRowProps {
  readonly item: Held
  readonly open: boolean
  readonly chosen: boolean
  /** Shown to somebody who is not its recipient. */
  readonly others: boolean
  readonly onChoose: (chosen: boolean) => void
  readonly onOpen: () => void
  readonly onRelease: (trustSender: boolean) => void
  readonly onBlock: () => void
  readonly onDiscard: () => void
}

export const HeldRow = ({
  item,
  open,
  chosen,
  others,
  onChoose,
  onOpen,
  onRelease,
  onBlock,
  onDiscard,
}: HeldRowProps) => {
  const words = useWords().quarantine
  const subject = item.subject ?? words.noSubject
  return (
    <li className="row item" tabIndex={-1} data-mail={item.mail}>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Checkbox
            aria-label={words.select(subject)}
            checked={chosen}
            disabled={!item.releasable}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
          <StateWord state={stateOf('quarantined', item.reason)} />
        </Group>
        <Text size="sm" c="dimmed">
          <When at={item.acceptedAt} />
        </Text>
      </Group>
      <Sender address={item.headerFrom ?? item.reversePath} name={item.headerFromName} />
      {others ? (
        <Text size="sm" c="dimmed">
          → {item.recipient}
        </Text>
      ) : null}
      <p>
        <Text fw={600} component="bdi">
          {subject}
        </Text>
      </p>
      <Text size="sm" c="dimmed">
        {item.why}
      </Text>
      <div className="acts">
        {item.releasable ? (
          <>
            <Button size="md" loading={item.releasing} onClick={() => onRelease(false)}>
              {words.release}
            </Button>
            <Button size="md" variant="outline" disabled={item.releasing} onClick={() => onRelease(true)}>
              {words.trust}
            </Button>
          </>
        ) : (
          <Text size="sm" w="100%">
            {words.staysVirus}
          </Text>
        )}
        <Button size="md" px="xs" variant="subtle" onClick={onBlock}>
          {words.block}
        </Button>
        <Button size="md" px="xs" variant="subtle" onClick={onDiscard}>
          {words.discard}
        </Button>
        {others ? null : (
          <Button size="md" px="xs" variant="subtle" aria-expanded={open} onClick={onOpen}>
            {words.preview}
          </Button>
        )}
      </div>
      {open ? <Preview item={item} /> : null}
    </li>
  )
}
