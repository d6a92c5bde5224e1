import type { Role } from '#infra/config/settings'

/** The views that the parts of a role read. What looks after everything, or shows it, needs them all. */
const VIEWS_OF: Readonly<Partial<Record<Role, readonly string[]>>> = {
  mx: ['directory', 'inspection-queue'],
  submission: ['directory', 'inspection-queue'],
  inspector: ['directory', 'inspection-queue', 'quarantine'],
  archivist: ['archive-index', 'archive-accounts'],
  courier: ['directory', 'delivery-queue', 'inspection-queue', 'traffic'],
}

/** Names of the views that a process with these roles needs; undefined: all. A node builds its own replica of those and no others. */
export const neededViews = (roles: readonly Role[]): readonly string[] | undefined => {
  const lists = roles.map((role) => VIEWS_OF[role])
  return lists.includes(undefined) ? undefined : [...new Set(lists.flatMap((views) => views ?? []))]
}
