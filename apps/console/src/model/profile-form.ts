import type { ClusterProfile, ProfileRequest } from '@slotscope/observer/stream'

/** What stands in the fields of the form, as text. Lists have one entry a line. */
export type ProfileForm = {
  readonly id: string
  readonly name: string
  readonly seeds: string
  readonly username: string
  readonly password: string
  /** The password that is kept already goes on being used; typing one replaces it. */
  readonly keepsPassword: boolean
  readonly tls: boolean
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly keepsKey: boolean
  readonly servername: string
  readonly addressMap: string
  readonly readOnly: boolean
  readonly background: ProfileRequest['background']
}

export const blankProfile: ProfileForm = {
  id: '',
  name: '',
  seeds: '',
  username: '',
  password: '',
  keepsPassword: false,
  tls: false,
  ca: '',
  cert: '',
  key: '',
  keepsKey: false,
  servername: '',
  addressMap: '',
  readOnly: false,
  background: 'light'
}

/** The form that shows a profile as it is: its secrets are not known here, only that there are some. */
export function formOf(profile: ClusterProfile): ProfileForm {
  const { id, name, seeds, username, hasPassword, tls, addressMap, readOnly, background } = profile
  return {
    ...blankProfile,
    id,
    name,
    seeds: seeds.join('\n'),
    username: username ?? '',
    keepsPassword: hasPassword,
    tls: tls !== null,
    ca: tls?.ca ?? '',
    cert: tls?.cert ?? '',
    keepsKey: tls?.hasKey ?? false,
    servername: tls?.servername ?? '',
    addressMap: Object.entries(addressMap)
      .map(([from, to]) => `${from} = ${to}`)
      .join('\n'),
    readOnly,
    background
  }
}

/** What is sent, or in words what is missing. Whether it is right is for the api to say. */
export function requestOf(form: ProfileForm): ProfileRequest | string {
  const seeds = linesOf(form.seeds.replaceAll(',', '\n'))
  if (form.name.trim() === '') return 'Give the cluster a name.'
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(form.id)) return 'The id has 1 to 64 letters, digits, "-" or "_".'
  if (seeds.length === 0) return 'Name at least one node.'
  const map = mapOf(form.addressMap)
  if (typeof map === 'string') return map
  const secret = (typed: string, keeps: boolean, name: 'password' | 'key') =>
    typed === '' && keeps ? {} : { [name]: typed === '' ? null : typed }
  return {
    id: form.id,
    name: form.name.trim(),
    seeds,
    username: orNull(form.username.trim()),
    ...secret(form.password, form.keepsPassword, 'password'),
    tls: form.tls
      ? {
          ca: orNull(form.ca.trim()),
          cert: orNull(form.cert.trim()),
          ...secret(form.key.trim(), form.keepsKey, 'key'),
          servername: orNull(form.servername.trim())
        }
      : null,
    addressMap: map,
    readOnly: form.readOnly,
    background: form.background
  }
}

/** An id that a name suggests: `Shop (EU)` is `shop-eu`. Empty when nothing of it can be used. */
export function idFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

function mapOf(text: string): Record<string, string> | string {
  const entries: [string, string][] = []
  for (const line of linesOf(text)) {
    const parts = line.split(/\s*(?:=>|->|=|→)\s*|\s+/).filter((part) => part !== '')
    const [from, to, ...more] = parts
    if (from === undefined || to === undefined || more.length > 0) return `"${line}" is no pair of addresses: write announced = reachable.`
    entries.push([from, to])
  }
  return Object.fromEntries(entries)
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}
