import '@mantine/core/styles.css'
import './style.css'
import { createTheme, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from './api/client'
import { NoticesProvider } from './shell/notices'
import { Shell } from './shell/shell'
import { en } from './words/en'
import { LanguageProvider } from './words/words'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the API refused it refuses again.
      retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
    },
  },
})

const theme = createTheme({
  primaryColor: 'blue',
  fontFamily: "system-ui, -apple-system, 'Segoe UI', sans-serif",
  defaultRadius: 'sm',
  // Dark enough for white words on it.
  primaryShade: 8,
  respectReducedMotion: true,
})

const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
const root = document.querySelector('#root')
if (root === null) throw new Error('the page has no place for the client')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <LanguageProvider value={{ words: en, locale: navigator.language }}>
          <NoticesProvider>
            <Shell />
          </NoticesProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
