/** What an API token may be allowed. `<area>:write` carries `<area>:read`; rights of the account always bound it too. */
const AREAS = [
  'domains',
  'accounts',
  'groups',
  'lists',
  'approvals',
  'quarantine',
  'mails',
  'content',
  'archive',
  'refusals',
  'queue',
  'policies',
  'usage',
  'alarms',
  'projections',
  'reactions',
  'audit',
  'metrics',
] as const
type Area = (typeof AREAS)[number]
export type Scope = `${Area}:read` | `${Area}:write`

/** Areas in which there is nothing to change. */
const READ_ONLY: readonly Area[] = ['mails', 'content', 'refusals', 'usage', 'audit', 'metrics']

export const SCOPES: readonly Scope[] = AREAS.flatMap((area): Scope[] =>
  READ_ONLY.includes(area) ? [`${area}:read`] : [`${area}:read`, `${area}:write`],
)

export const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text)

export const covers = (held: readonly Scope[], asked: Scope): boolean =>
  held.includes(asked) || (asked.endsWith(':read') && held.some((scope) => scope === asked.replace(':read', ':write')))
