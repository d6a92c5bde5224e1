/** Every reaction group that this build has, whether it runs in this process or not: what they set aside can be listed and put back anywhere. */
export const REACTION_GROUPS = [
  'inspector',
  'courier',
  'courier-reports',
  'archivist',
  'archivist-purges',
  'steward-trust',
  'steward-notices',
  'steward-suspensions',
] as const
