import { Tooltip } from '@mantine/core'
import { useLocale, useWords } from '../words/words'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `12 min ago` within a day, then the local date and time; the exact one, with its zone, when one looks closer. */
export const When = ({ at }: { readonly at: string }) => {
  const words = useWords().times
  const locale = useLocale()
  const time = new Date(at)
  const past = Date.now() - time.getTime()
  const exact = time.toLocaleString(locale, { dateStyle: 'full', timeStyle: 'long' })
  const shown =
    past < 0 || past >= DAY
      ? time.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })
      : past < MINUTE
        ? words.now
        : past < HOUR
          ? words.minutes(Math.floor(past / MINUTE))
          : words.hours(Math.floor(past / HOUR))
  return (
    <Tooltip label={exact} openDelay={300}>
      <time dateTime={at}>{shown}</time>
    </Tooltip>
  )
}
