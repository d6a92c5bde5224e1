import { Button, Paper, Portal, Stack, Text } from '@mantine/core'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'

const STAYS_MS = 8_000

interface Notice {
  readonly id: number
  readonly text: string
  readonly undo: { readonly words: string; readonly act: () => void } | null
}

type Tell = (text: string, undo?: Notice['undo']) => void

const Notices = createContext<Tell>(() => {})
/** Tells what happened; with `undo`, a button that takes it back while it is shown. */
export const useTell = (): Tell => useContext(Notices)

export const NoticesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const next = useRef(0)
  const away = useCallback((id: number) => setNotices((all) => all.filter((one) => one.id !== id)), [])
  const tell = useCallback<Tell>(
    (text, undo = null) => {
      const id = next.current++
      setNotices((all) => [...all.slice(-3), { id, text, undo }])
      setTimeout(() => away(id), STAYS_MS)
    },
    [away],
  )
  const shown = useMemo(
    () =>
      notices.map(({ id, text, undo }) => (
        <Paper key={id} withBorder shadow="md" p="sm" className="notice">
          <Text size="sm">{text}</Text>
          {undo === null ? null : (
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                undo.act()
                away(id)
              }}
            >
              {undo.words}
            </Button>
          )}
        </Paper>
      )),
    [notices, away],
  )
  return (
    <Notices.Provider value={tell}>
      {children}
      <Portal>
        <Stack className="notices" gap="xs" role="status" aria-live="polite">
          {shown}
        </Stack>
      </Portal>
    </Notices.Provider>
  )
}
