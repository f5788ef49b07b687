/**
 * Which names we answer to. A browser that was led to us under a foreign name (DNS rebinding) or by a foreign page (cross-site
 * requests and sockets) is refused before anything else looks at the request.
 */
export class Doors {
  readonly #port: () => number
  readonly #extra: readonly string[]
  readonly #own: ReadonlySet<string>
  readonly #tls: boolean

  /**
   * `port` is asked each time, since it may be known only after listening. `allowHosts` are `name` (any port) or `name:port`; `listening`
   * is the loopback address that we listen on, where it is another one than usual. `tls`: we speak nothing but TLS.
   */
  constructor(port: () => number, allowHosts: readonly string[], { listening, tls = false }: { listening?: string; tls?: boolean } = {}) {
    this.#port = port
    this.#tls = tls
    this.#own = new Set([...loopbackNames, ...(listening === undefined ? [] : [listening])])
    this.#extra = allowHosts.map((host) => host.toLowerCase())
  }

  /** True for the loopback names with our own port, and for what was allowed by hand. */
  allowsHost(host: string | undefined): boolean {
    if (host === undefined) return false
    const name = host.toLowerCase()
    const port = this.#port()
    for (const own of this.#own) if (name === `${own}:${port}` || (port === (this.#tls ? 443 : 80) && name === own)) return true
    return this.#isExtra(name)
  }

  /**
   * True when the origin is the very page that this host serves. Without TLS of our own `https` is believed only for hosts allowed by
   * hand, where a proxy ends TLS; with it `http` never. `null`, other ports and other loopback names are foreign.
   */
  allowsOrigin(origin: string, host: string): boolean {
    const name = host.toLowerCase()
    if (this.#tls) return origin === `https://${name}`
    return origin === `http://${name}` || (origin === `https://${name}` && this.#isExtra(name))
  }

  #isExtra(name: string): boolean {
    return this.#extra.some((extra) => name === extra || (hasNoPort(extra) && withoutPort(name) === extra))
  }
}

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]']

function hasNoPort(host: string): boolean {
  return withoutPort(host) === host
}

function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '')
}
