/** What the directory view follows, as a filter of the log. */
export const DIRECTORY_EVENTS = { categories: ['domain', 'account'] } as const
