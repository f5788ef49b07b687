import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import type { ClusterOptions, ClusterTls } from '../config.ts'
import { OptionError } from '../errors.ts'
import { closed } from '../routes/schemas.ts'
import { findKey, findOrMakeKey, type KeySource, type SecretBox } from '../security/secret-box.ts'
import { formatAddress } from './address-map.ts'
import { addressOf, placesOf, profileFields } from './profile.ts'

const none = Type.Null()
const textOrNone = Type.Union([Type.String(), none])

const fileSchema = closed({
  version: Type.Literal(1),
  /** Of the key that the secrets were sealed with; null while there are none. */
  keyId: textOrNone,
  profiles: Type.Array(
    closed({
      ...profileFields,
      tls: Type.Union([none, closed({ ca: textOrNone, cert: textOrNone, servername: textOrNone })]),
      /** Password and TLS key, together. */
      sealed: textOrNone
    })
  )
})
type ProfilesFile = Type.Static<typeof fileSchema>
type KeptProfile = ProfilesFile['profiles'][number]
type Secrets = { readonly password?: string | undefined; readonly key?: string | undefined }

/**
 * The profiles that were made on screen, in one file (0600, written aside and renamed), their secrets sealed with a key that stands
 * elsewhere. Without a file they live as long as the api, and their secrets never leave memory.
 */
export class KeptProfiles {
  readonly #path: string | undefined
  readonly #key: KeySource | undefined
  #profiles = new Map<string, ClusterOptions>()

  /**
   * Throws `OptionError` for a file that is there and does not hold profiles, and for secrets whose key is missing or another one. The
   * file is then as it was, so the right key opens it.
   */
  constructor(file?: { readonly path: string; readonly key: KeySource }) {
    this.#path = file?.path
    this.#key = file?.key
    if (file !== undefined) this.#profiles = new Map(read(file.path, file.key).map((options) => [options.id, options]))
  }

  /** True when they outlive the api. */
  get kept(): boolean {
    return this.#path !== undefined
  }

  get all(): readonly ClusterOptions[] {
    return [...this.#profiles.values()]
  }

  /** Adds a profile, or puts it in the place of the one with its id. On disk first: what could not be written down is not so. */
  set(options: ClusterOptions): void {
    this.#change((profiles) => profiles.set(options.id, options))
  }

  remove(id: string): void {
    this.#change((profiles) => profiles.delete(id))
  }

  #change(how: (profiles: Map<string, ClusterOptions>) => unknown): void {
    const next = new Map(this.#profiles)
    how(next)
    if (this.#path !== undefined && this.#key !== undefined) write(this.#path, [...next.values()], this.#key)
    this.#profiles = next
  }
}

function read(path: string, key: KeySource): readonly ClusterOptions[] {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new OptionError(`the file of clusters made on screen cannot be read: ${path}`)
  }
  if (!Check(fileSchema, value)) throw new OptionError(`${path} does not hold clusters made on screen`)
  const { keyId, profiles } = value as ProfilesFile
  const box = profiles.some(({ sealed }) => sealed !== null) ? openingBox(path, key, keyId) : undefined
  return profiles.map((profile) => optionsOf(profile, box, path))
}

function openingBox(path: string, key: KeySource, keyId: string | null): SecretBox {
  const box = findKey(key)
  const again = 'nothing was changed, and with the right key everything is there again'
  if (box === undefined)
    throw new OptionError(`${path} has passwords of clusters, and the key that opens them, ${key.ownFile}, is missing: ${again}`)
  if (box.keyId !== keyId)
    throw new OptionError(`${path} has passwords of clusters that were sealed with another key than the one that is there: ${again}`)
  return box
}

function optionsOf(profile: KeptProfile, box: SecretBox | undefined, path: string): ClusterOptions {
  const { id, name, seeds, username, addressMap, readOnly, background, tls, sealed } = profile
  const plain = {
    id,
    name,
    kind: 'connected',
    origin: 'screen',
    seeds: seeds.map((seed) => addressOf(seed, 'seed')),
    username: username ?? undefined,
    addressMap,
    readOnly,
    background,
    tls: tls === null ? false : withoutNulls(tls)
  } as const
  if (sealed === null || box === undefined) return plain
  const opened = box.open(sealed, placesOf(plain))
  if (opened === undefined)
    throw new OptionError(
      `${path}: the secrets of cluster "${id}" do not belong to its addresses and TLS: the file was changed by hand. Put it back, or take "sealed" away and type the password on screen`
    )
  const { password, key } = JSON.parse(opened) as Secrets
  return { ...plain, password, tls: typeof plain.tls === 'object' && key !== undefined ? { ...plain.tls, key } : plain.tls }
}

function write(path: string, profiles: readonly ClusterOptions[], key: KeySource): void {
  const hasSecrets = profiles.some((options) => sealable(options) !== undefined)
  const box = hasSecrets ? findOrMakeKey(key) : undefined
  const file: ProfilesFile = { version: 1, keyId: box?.keyId ?? null, profiles: profiles.map((options) => keptOf(options, box)) }
  const aside = `${path}.${process.pid}.new`
  writeFileSync(aside, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(aside, path)
}

function keptOf(options: ClusterOptions, box: SecretBox | undefined): KeptProfile {
  const { id, name, seeds, username, addressMap = {}, readOnly = false, background = 'light', tls = false } = options
  const { ca = null, cert = null, servername = null } = typeof tls === 'object' ? tls : {}
  const secrets = sealable(options)
  return {
    id,
    name,
    seeds: seeds.map(formatAddress),
    username: username ?? null,
    addressMap,
    readOnly,
    background,
    tls: tls === false ? null : { ca, cert, servername },
    sealed: secrets === undefined || box === undefined ? null : box.seal(JSON.stringify(secrets), placesOf(options))
  }
}

function sealable({ password, tls }: ClusterOptions): Secrets | undefined {
  const key = typeof tls === 'object' ? tls.key : undefined
  return password === undefined && key === undefined ? undefined : { password, key }
}

function withoutNulls(tls: { readonly [name: string]: string | null }): ClusterTls {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== null))
}
