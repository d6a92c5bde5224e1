import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answered, api, type Schemas } from '../api/client'

export type Held = Schemas['QuarantineItem']

export const QUARANTINE = 'quarantine'
const pathOf = ({ mail, recipient }: Held) => ({ params: { path: { mail, recipient } } })

/** What can be done with held mail; each refreshes the list. */
export const useActs = () => {
  const queries = useQueryClient()
  const onSettled = () => queries.invalidateQueries({ queryKey: [QUARANTINE] })
  return {
    release: useMutation({
      mutationFn: ({ item, trustSender }: { item: Held; trustSender: boolean }) =>
        answered(api.POST('/api/v1/quarantine/{mail}/{recipient}/release', { ...pathOf(item), body: { trustSender } })),
      onSettled,
    }),
    discard: useMutation({
      mutationFn: (item: Held) =>
        answered(api.POST('/api/v1/quarantine/{mail}/{recipient}/discard', { ...pathOf(item), body: {} })),
      onSettled,
    }),
    block: useMutation({
      mutationFn: (item: Held) =>
        answered(api.POST('/api/v1/quarantine/{mail}/{recipient}/block-sender', pathOf(item))),
    }),
    releaseMany: useMutation({
      mutationFn: (items: readonly Held[]) =>
        answered(
          api.POST('/api/v1/quarantine/release', {
            body: {
              items: items.map(({ mail, recipient }) => ({ mail, recipient })),
              trustSender: false,
              reason: null,
            },
          }),
        ),
      onSettled,
    }),
  }
}
