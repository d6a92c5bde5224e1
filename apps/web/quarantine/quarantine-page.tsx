import { Button, Group, Skeleton, Text, TextInput, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { answered, api } from '../api/client'
import { useSession } from '../api/session'
import { useTell } from '../shell/notices'
import { ProblemShown, useTellProblem } from '../shell/problem'
import { useQueryState } from '../shell/query-state'
import { useWords } from '../words/words'
import { type Held, QUARANTINE, useActs } from './acts'
import { HeldRow } from './held-row'

/** What can be taken back waits so long before it is done. */
const UNDO_MS = 8_000

const useHeld = (subject: string) =>
  useInfiniteQuery({
    queryKey: [QUARANTINE, subject],
    queryFn: ({ pageParam }) =>
      answered(
        api.GET('/api/v1/quarantine', {
          params: {
            query: {
              limit: 50,
              ...(subject === '' ? {} : subject.includes('@') ? { from: subject } : { subject }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 30_000,
  })

export default function QuarantinePage() {
  const words = useWords().quarantine
  const session = useSession()
  const tell = useTell()
  const tellProblem = useTellProblem()
  const acts = useActs()
  const [subject, setSubject] = useQueryState('q')
  const held = useHeld(subject)
  const [open, setOpen] = useState<string | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set())
  const list = useRef<HTMLUListElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const keyOf = ({ mail, recipient }: Held): string => `${mail} ${recipient}`
  const items = useMemo(
    () => (held.data?.pages.flatMap((page) => page.items) ?? []).filter((item) => !leaving.has(keyOf(item))),
    [held.data, leaving],
  )
  const others = (item: Held): boolean => item.recipient !== session?.address

  const release = (item: Held, trustSender: boolean): void =>
    acts.release.mutate(
      { item, trustSender },
      {
        onSuccess: ({ detail, state, trusted }) =>
          tell(
            [
              state === 'released' ? words.released : state === 'releasing' ? words.releasing : (detail ?? ''),
              ...(trusted === null ? [] : [words.trusted(trusted)]),
            ].join(' '),
          ),
        onError: tellProblem,
      },
    )
  const block = (item: Held): void =>
    acts.block.mutate(item, {
      onSuccess: ({ entry }) => tell(words.blocked(entry)),
      onError: tellProblem,
    })
  /** It leaves the list at once and is done when the time to take it back is over. */
  const discard = (item: Held): void => {
    const key = keyOf(item)
    const stay = () => setLeaving((all) => new Set([...all].filter((one) => one !== key)))
    setLeaving((all) => new Set([...all, key]))
    const later = setTimeout(() => acts.discard.mutate(item, { onError: tellProblem, onSettled: stay }), UNDO_MS)
    tell(words.discardLater, {
      words: words.undo,
      act: () => {
        clearTimeout(later)
        stay()
      },
    })
  }
  const releaseChosen = (): void =>
    acts.releaseMany.mutate(
      items.filter((item) => chosen.has(keyOf(item))),
      {
        onSuccess: ({ items: done }) => {
          const failed = done.filter(({ state }) => state === 'failed' || state === 'refused').length
          tell(words.done(done.length - failed, failed))
          setChosen(new Set())
        },
        onError: tellProblem,
      },
    )

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('.item') ?? [])]
      const at = rows.findIndex((row) => row.contains(document.activeElement))
      const item = items[at]
      const go = (to: number): void => rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus()
      switch (event.key) {
        case 'j':
          return go(at + 1)
        case 'k':
          return go(at - 1)
        case '/':
          event.preventDefault()
          return search.current?.focus()
        case 'r':
          return item?.releasable === true ? release(item, false) : undefined
        case 't':
          return item?.releasable === true ? release(item, true) : undefined
        case 'b':
          return item === undefined ? undefined : block(item)
        case 'Enter':
          return item === undefined || document.activeElement !== rows[at] ? undefined : setOpen(keyOf(item))
      }
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })

  return (
    <div className="reading">
      <Title order={1} size="h2" id="question">
        {session?.roles.some((role) => role !== 'user' && role !== 'compliance') === true
          ? words.headingOfDomain
          : words.heading}
      </Title>
      <TextInput
        ref={search}
        my="md"
        size="md"
        type="search"
        placeholder={words.search}
        aria-label={words.search}
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      {held.error === null ? null : <ProblemShown error={held.error} retry={() => void held.refetch()} />}
      {held.isPending ? <Skeleton className="late" height={140} /> : null}
      {held.data !== undefined && items.length === 0 ? (
        <Text>{subject === '' ? words.empty : words.emptySearch}</Text>
      ) : null}
      {chosen.size === 0 ? null : (
        <Group my="sm">
          <Text size="sm">{words.chosen(chosen.size)}</Text>
          <Button size="sm" onClick={releaseChosen} loading={acts.releaseMany.isPending}>
            {words.release}
          </Button>
        </Group>
      )}
      <ul ref={list} id="items" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
        {items.map((item) => (
          <HeldRow
            key={keyOf(item)}
            item={item}
            open={open === keyOf(item)}
            chosen={chosen.has(keyOf(item))}
            others={others(item)}
            onChoose={(isChosen) =>
              setChosen(
                (all) => new Set(isChosen ? [...all, keyOf(item)] : [...all].filter((one) => one !== keyOf(item))),
              )
            }
            onOpen={() => setOpen(open === keyOf(item) ? null : keyOf(item))}
            onRelease={(trust) => release(item, trust)}
            onBlock={() => block(item)}
            onDiscard={() => discard(item)}
          />
        ))}
      </ul>
      {held.hasNextPage ? (
        <Button variant="default" mt="md" loading={held.isFetchingNextPage} onClick={() => void held.fetchNextPage()}>
          {words.older}
        </Button>
      ) : null}
      <Text size="xs" c="dimmed" mt="xl" visibleFrom="sm">
        {words.keys}
      </Text>
    </div>
  )
}
