// Stands in the page itself and runs before the first paint: it begins what need not wait until the rest of the page has come and is read.
// It imports nothing, and what it has begun is handed out by `early.ts`.
;(() => {
  type Early = NonNullable<Window['slotscopeEarly']>
  type Stream = NonNullable<Early['stream']>
  type Writable<T> = { -readonly [part in keyof T]: T[part] }

  /** A stream that nobody takes is closed: the page went elsewhere, or its code did not come. */
  const UNTAKEN_MS = 20_000
  const accept = 'application/json'

  // First of all, since reading what this browser keeps takes its time. With a login link nobody is there yet.
  if (!/[#&]login=/.test(location.hash)) window.slotscopeEarly = begin()
  showTheme()

  /** A person who chose a theme never sees a flash of the other one. */
  function showTheme(): void {
    let choice = 'system'
    try {
      choice = localStorage.getItem('slotscope.theme') ?? 'system'
    } catch {
      // Nothing may be kept in this browser: nothing was chosen.
    }
    const light = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
    document.documentElement.dataset.theme = light ? 'light' : 'dark'
  }

  function begin(): Early {
    const early: Early = { session: undefined, stream: undefined }
    const headers = { accept, 'content-type': 'application/json', 'x-slotscope': '1' }
    // Side by side with the session: where an address leads to a cluster, its stream needs one, and a round trip is saved.
    const ticket = /^\/(?:clusters\/.+)?$/.test(location.pathname)
      ? fetch('/api/ticket', { method: 'POST', credentials: 'same-origin', headers, body: '{}' })
      : undefined
    ticket?.catch(() => undefined)
    const asked = askWhoIsThere(early, ticket)
    early.session = asked
    // Whoever takes it hears of it.
    asked.catch(() => undefined)
    return early
  }

  /** GET /api/session. Before its answer reaches anybody, the stream that it allows is on its way. */
  async function askWhoIsThere(early: Early, ticket: Promise<Response> | undefined): Promise<Response> {
    const response = await fetch('/api/session', { credentials: 'same-origin', headers: { accept } })
    if (response.ok)
      try {
        const session = (await response.clone().json()) as Exclude<Early['session'], Promise<Response> | undefined>
        const id = clusterShown(session.clusters)
        early.session = session
        if (id !== undefined && ticket) early.stream = openStream(early, `/api/clusters/${encodeURIComponent(id)}/stream`, ticket)
      } catch {
        // Not an answer of ours: whoever takes the response says what is wrong with it.
      }
    return response
  }

  /** The cluster that the address names, or the first one, where an address that names none leads. */
  function clusterShown(clusters: readonly { readonly id: string }[]): string | undefined {
    if (location.pathname === '/') return clusters[0]?.id
    const named = /^\/clusters\/([^/]+)/.exec(location.pathname)?.[1]
    return clusters.find(({ id }) => encodeURIComponent(id) === named)?.id
  }

  /** Opens a stream with the ticket that was asked for, and keeps what comes until somebody takes it. */
  function openStream(early: Early, path: string, asked: Promise<Response>): Stream {
    const frames: (string | ArrayBuffer)[] = []
    const stream: Writable<Stream> = { path, socket: null, askedAtMs: 0, frames, opened: Promise.resolve() }
    const open = async () => {
      const answer = await asked
      if (!answer.ok) return
      const { ticket } = await answer.json()
      stream.askedAtMs = Date.now()
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
      const socket = new WebSocket(`${scheme}://${location.host}${path}`, ['slotscope', `ticket.${ticket}`])
      socket.binaryType = 'arraybuffer'
      // Every room is drawn from it. What else is looked at, the page says itself.
      socket.onopen = () => socket.send(JSON.stringify({ type: 'watch', topics: ['core'], visible: true }))
      socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => frames.push(event.data)
      stream.socket = socket
      setTimeout(() => {
        if (early.stream !== stream) return
        early.stream = undefined
        socket.close(1000)
      }, UNTAKEN_MS)
    }
    // Whoever takes it asks for a ticket again, and hears why there is none.
    stream.opened = open().catch(() => undefined)
    return stream
  }
})()
