import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import { ApiFailure } from './api/client.ts'
import { App } from './app.tsx'
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

preloadRoom(location.pathname)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Announcer>
        <App />
      </Announcer>
    </QueryClientProvider>
  </StrictMode>
)
