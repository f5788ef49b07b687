import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import { ApiFailure } from './api/client.ts'
import { App } from './app.tsx'
import { earlyAnswers } from './early/early.ts'
import { preloadRoom } from './routes.tsx'
import { Announcer } from './ui/announcer.tsx'

/** Questions and intents only; what the cluster is comes off the stream and never enters this cache. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof ApiFailure && error.code === 'UNREACHABLE'
    }
  }
})

/** Waiting for so long looks like no waiting. */
const WHOLE_WITHIN_MS = 100

preloadRoom(location.pathname)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
// What the first picture shows is nearly here: it is drawn whole, and not first without it. Longer waits have pictures of their own.
void earlyAnswers(WHOLE_WITHIN_MS).then(() =>
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Announcer>
          <App />
        </Announcer>
      </QueryClientProvider>
    </StrictMode>
  )
)
