import { Anchor, Button, Loader, Text } from '@mantine/core'
import { Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { type Session, useSession, useSignOut } from '../api/session'
import { useWords } from '../words/words'
import { MailPage, PAGES } from './pages'
import { SignIn } from './sign-in'

/** The bar, the rail with words (on a phone at the bottom), and the page. */
export const Shell = () => {
  const session = useSession()
  if (session === undefined) return null
  return (
    <>
      <header className="bar">
        <Text fw={700}>Mailkeep</Text>
        {session === null ? null : <SignedIn session={session} />}
      </header>
      <div className="frame">
        {session === null ? null : <Rail session={session} />}
        <main>{session === null ? <SignIn /> : <Pages session={session} />}</main>
      </div>
    </>
  )
}

const SignedIn = ({ session }: { readonly session: Session }) => {
  const words = useWords().signIn
  const signOut = useSignOut()
  return (
    <>
      <Text size="sm" c="dimmed" ml="auto" truncate id="who">
        {session.address}
      </Text>
      <Button variant="default" size="sm" onClick={() => void signOut().then(() => location.assign('/'))}>
        {words.out}
      </Button>
    </>
  )
}

const pagesOf = ({ roles }: Session) => PAGES.filter((page) => page.roles.some((role) => roles.includes(role)))

const Rail = ({ session }: { readonly session: Session }) => {
  const words = useWords().nav
  const [location] = useLocation()
  return (
    <nav className="rail" aria-label="Mailkeep">
      {pagesOf(session).map(({ name, path }) => (
        <Anchor
          key={path}
          component={Link}
          href={path}
          underline="never"
          className="rail-entry"
          aria-current={location === path ? 'page' : undefined}
        >
          {words[name]}
        </Anchor>
      ))}
    </nav>
  )
}

const Pages = ({ session }: { readonly session: Session }) => (
  <Suspense fallback={<Loader className="late" aria-label="…" />}>
    <Switch>
      {pagesOf(session).map(({ page, path }) => (
        <Route key={path} path={path} component={page} />
      ))}
      <Route path="/mails/:mail" component={MailPage} />
    </Switch>
  </Suspense>
)
