import { Button, PasswordInput, Stack, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useSignIn } from '../api/session'
import { useWords } from '../words/words'
import { ProblemShown } from './problem'

export const SignIn = () => {
  const words = useWords().signIn
  const signIn = useSignIn()
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    try {
      await signIn(String(form.get('address')), String(form.get('password')))
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form id="sign-in" onSubmit={(event) => void submit(event)} className="narrow">
      <Title order={1} size="h2" mb="md">
        {words.heading}
      </Title>
      <Stack>
        <TextInput
          id="address"
          name="address"
          type="email"
          label={words.address}
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
          autoFocus
        />
        <PasswordInput
          id="password"
          name="password"
          label={words.password}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
        />
        <Button type="submit" size="md" loading={busy}>
          {words.act}
        </Button>
      </Stack>
      {error === null ? null : <ProblemShown error={error} />}
    </form>
  )
}
