import { Text } from '@mantine/core'
import { useWords } from '../words/words'

/** Never the name without the address; a name that is another address is struck through and explained. */
export const Sender = ({ address, name }: { readonly address: string | null; readonly name: string | null }) => {
  const words = useWords().quarantine
  const isFalse = name !== null && name.includes('@') && !name.toLowerCase().includes((address ?? '').toLowerCase())
  return (
    <>
      {name === null || name === '' ? null : (
        <Text fw={600}>
          <bdi className={isFalse ? 'struck' : undefined}>{name}</bdi>
          {isFalse ? <Text span fw={400}>{` ${words.falseName}`}</Text> : null}
        </Text>
      )}
      <Text c="dimmed" size="sm">
        <bdi>{address ?? words.noSender}</bdi>
      </Text>
    </>
  )
}
