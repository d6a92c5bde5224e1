/** What sizes of mail are counted by. Bytes; the last has no end. */
export const SIZE_CLASSES = [
  { name: '<10k', under: 10 * 1024 },
  { name: '10k-100k', under: 100 * 1024 },
  { name: '100k-1M', under: 1024 ** 2 },
  { name: '1M-10M', under: 10 * 1024 ** 2 },
  { name: '>10M', under: Number.POSITIVE_INFINITY },
] as const
