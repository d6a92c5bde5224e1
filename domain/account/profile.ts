import { accountProfile, role, type AccountProfile, type Role } from './events.ts'

/** What is wrong with these parts of a profile, each problem with its name; empty when all is well. */
export const problemsOfProfile = (profile: Partial<AccountProfile>): readonly string[] => {
  const parsed = accountProfile.partial().safeParse(profile)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`)
  const { timeZone, language } = profile
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    problems.push(`timeZone: "${timeZone.slice(0, 64)}" is no IANA time zone, such as Europe/Zurich or UTC`)
  }
  if (language !== undefined && !isLanguage(language)) {
    problems.push(`language: "${language.slice(0, 35)}" is no language tag (BCP 47), such as en or de-CH`)
  }
  return problems
}

/** Offsets such as `+01:00` are no zones: they know no summer. */
const isTimeZone = (name: string): boolean =>
  /^[A-Za-z]/.test(name) && isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: name }))

const isLanguage = (tag: string): boolean => isAccepted(() => Intl.getCanonicalLocales(tag)) && tag !== ''

const isAccepted = (attempt: () => unknown): boolean => {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

/** Each once, in the order they are declared. */
export const inOrder = (roles: readonly Role[]): Role[] => role.options.filter((each) => roles.includes(each))
