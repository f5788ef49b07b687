import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { domainToASCII } from 'node:url'

/** A name as the system resolves it: every address that it stands for. Rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>

export type TargetPolicyOptions = {
  /** Loopback and link-local addresses may be connected to. Metadata services, multicast, "any address" and our own port never. */
  readonly allowLocal: boolean
  /** The port that we listen on. */
  readonly ownPort: () => number
  readonly resolve?: Resolve | undefined
}

/** Nobody may be connected to there; `message` says what it is. */
export class ForbiddenTargetError extends Error {}

const never = lists({
  'the address of a cloud metadata service': ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', 'fd00:ec2::/64'],
  'no address of a machine': ['0.0.0.0/8', '::'],
  'a multicast or broadcast address': ['224.0.0.0/4', '255.255.255.255', 'ff00::/8'],
  'a reserved address': ['240.0.0.0/4']
})
const local = lists({
  'a loopback address': ['127.0.0.0/8', '::1'],
  'a link-local address': ['169.254.0.0/16', 'fe80::/10', 'fec0::/10']
})

/**
 * Where a profile that somebody made on screen may lead us, since what we connect to answers to us and not to them: the machine that we
 * run on, its neighbours on the link and the metadata services of clouds are not clusters. It is asked for every connection, so the
 * nodes that a cluster announces pass it as well, and it decides on the address that is then connected to: a name is resolved once.
 */
export class TargetPolicy {
  readonly #options: TargetPolicyOptions

  constructor(options: TargetPolicyOptions) {
    this.#options = options
  }

  /**
   * The addresses to connect to in place of this host, in the order in which to try them. Throws `ForbiddenTargetError` when any of them
   * is forbidden, and what the system says when there is none.
   */
  async locate(host: string, port: number): Promise<readonly string[]> {
    const addresses = isIP(host) === 0 ? await (this.#options.resolve ?? systemResolve)(plainName(host)) : [host]
    for (const address of addresses) {
      const reason = this.#whyNot(address, port)
      if (reason === null) continue
      const what = address === host ? address : `${host} is ${address}, which`
      throw new ForbiddenTargetError(`not allowed: ${what} is ${reason}`)
    }
    return addresses
  }

  #whyNot(address: string, port: number): string | null {
    const bare = address.replace(/%.*$/, '')
    for (const plain of [bare, ...insideOf(bare)]) {
      const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6'
      const found = [...never, ...(this.#options.allowLocal ? [] : local)].find(({ list }) => list.check(plain, family))
      if (found !== undefined) return found.words
      if (port === this.#options.ownPort() && isOurs(plain)) return 'our own address, and this is our own port'
    }
    return null
  }
}

/** In other scripts a name may hide digits and dots; as a resolver sees it, it does not. */
function plainName(host: string): string {
  // What is cut off by the platform's function was meant to mislead.
  const plain = /[\s/?#@\\%:]/.test(host) ? '' : domainToASCII(host)
  if (plain === '') throw new ForbiddenTargetError(`not allowed: "${host}" is no host name`)
  return plain
}

async function systemResolve(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** IPv4 addresses that an IPv6 address stands for: mapped, compatible, NAT64 (64:ff9b::/96) and 6to4. */
function insideOf(address: string): readonly string[] {
  if (isIP(address) !== 6) return []
  const words = wordsOf(address)
  const [a = 0, b = 0] = words
  const zeros = (from: number, to: number) => words.slice(from, to).every((word) => word === 0)
  const embedded = (high = 0, low = 0) => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  const last = embedded(words[6], words[7])
  if (zeros(0, 5) && words[5] === 0xffff) return [last]
  if (zeros(0, 6) && !(words[6] === 0 && (words[7] ?? 0) <= 1)) return [last]
  if (a === 0x64 && b === 0xff9b) return [last]
  if (a === 0x2002) return [embedded(b, words[2])]
  return []
}

/** The eight 16-bit words of an IPv6 address. */
function wordsOf(address: string): readonly number[] {
  // The platform's own URL parser writes every form the same way: no dotted end, `::` for the longest run of zeros.
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = text.split('::')
  const parse = (part: string | undefined) => (part ? part.split(':').map((word) => Number.parseInt(word, 16)) : [])
  const [before, after] = [parse(head), parse(tail)]
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** Addresses that end at this machine. */
function isOurs(address: string): boolean {
  if (local[0]?.list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')) return true
  return Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === address))
}

function lists(table: Readonly<Record<string, readonly string[]>>): { readonly words: string; readonly list: BlockList }[] {
  return Object.entries(table).map(([words, ranges]) => {
    const list = new BlockList()
    for (const range of ranges) {
      const [net = '', prefix] = range.split('/')
      const family = isIP(net) === 4 ? 'ipv4' : 'ipv6'
      if (prefix === undefined) list.addAddress(net, family)
      else list.addSubnet(net, Number(prefix), family)
    }
    return { words, list }
  })
}
