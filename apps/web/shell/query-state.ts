import { useCallback, useEffect, useState } from 'react'

const read = (name: string): string => new URLSearchParams(location.search).get(name) ?? ''

/** A value that lives in the page's address, so that it survives a reload and can be sent to somebody. */
export const useQueryState = (name: string): [string, (value: string) => void] => {
  const [value, setValue] = useState(() => read(name))
  useEffect(() => {
    const moved = () => setValue(read(name))
    addEventListener('popstate', moved)
    return () => removeEventListener('popstate', moved)
  }, [name])
  const set = useCallback(
    (next: string) => {
      const query = new URLSearchParams(location.search)
      if (next === '') query.delete(name)
      else query.set(name, next)
      const text = query.toString()
      history.replaceState(history.state, '', `${location.pathname}${text === '' ? '' : `?${text}`}`)
      setValue(next)
    },
    [name],
  )
  return [value, set]
}
