import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ProfileOrigin } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Errors } from 'typebox/value'
import { type ClusterOptions, type ClusterTls, checkCluster } from '../config.ts'
import { OptionError } from '../errors.ts'
import { closed } from '../routes/schemas.ts'
import { addressOf, profileFields } from './profile.ts'

const file = Type.Optional(Type.String({ minLength: 1 }))
const { username, addressMap, readOnly, background, ...required } = profileFields

const fileSchema = closed({
  clusters: Type.Array(
    closed({
      ...required,
      username: Type.Optional(username),
      addressMap: Type.Optional(addressMap),
      readOnly: Type.Optional(readOnly),
      background: Type.Optional(background),
      password: Type.Optional(Type.String()),
      passwordFile: file,
      tls: Type.Optional(
        Type.Union([
          Type.Boolean(),
          closed({ caFile: file, certFile: file, keyFile: file, servername: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })) })
        ])
      )
    })
  )
})
type ClustersFile = Type.Static<typeof fileSchema>

/** The clusters of a file as `--clusters` names it. Files that it names are looked for beside it. Throws `OptionError`. */
export function readClustersFile(file: string): readonly ClusterOptions[] {
  return readClustersText(readNamed(file, 'the file of clusters'), file, path.dirname(file), 'file')
}

/** The same text from elsewhere; `where` names it in errors, `folder` is where files are looked for. Throws `OptionError`. */
export function readClustersText(text: string, where: string, folder: string, origin: ProfileOrigin): readonly ClusterOptions[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own words would repeat a part of the text, which may hold a password.
    throw new OptionError(`${where} is not JSON`)
  }
  const [problem] = Errors(fileSchema, value)
  if (problem !== undefined) throw new OptionError(`${where}: ${problem.instancePath || 'the whole'} ${problem.message}`)
  return (value as ClustersFile).clusters.map((cluster) => {
    const options = optionsOf(cluster, folder, origin)
    checkCluster(options)
    return options
  })
}

function optionsOf(cluster: ClustersFile['clusters'][number], folder: string, origin: ProfileOrigin): ClusterOptions {
  const { id, name, seeds, username, password, passwordFile, tls = false, addressMap = {}, readOnly = false, background } = cluster
  if (password !== undefined && passwordFile !== undefined)
    throw new OptionError(`cluster "${id}": give "password" or "passwordFile", not both`)
  for (const [from, to] of Object.entries(addressMap)) {
    addressOf(from, 'announced address')
    addressOf(to, 'mapped address')
  }
  const beside = (named: string | undefined, what: string) =>
    named === undefined ? undefined : readNamed(path.resolve(folder, named), `cluster "${id}": ${what}`)
  const secret = password ?? beside(passwordFile, 'the password')?.replace(/\r?\n$/, '')
  return {
    id,
    name,
    kind: 'connected',
    origin,
    seeds: seeds.map((seed) => addressOf(seed, 'seed')),
    username: username ?? undefined,
    password: secret === '' ? undefined : secret,
    tls: typeof tls === 'boolean' ? tls : tlsOf(tls, beside),
    addressMap,
    readOnly,
    background
  }
}

type TlsFiles = Exclude<ClustersFile['clusters'][number]['tls'], boolean | undefined>

function tlsOf(
  { caFile, certFile, keyFile, servername }: TlsFiles,
  beside: (file: string | undefined, what: string) => string | undefined
): ClusterTls {
  return { ca: beside(caFile, 'the CA'), cert: beside(certFile, 'the certificate'), key: beside(keyFile, 'the key'), servername }
}

function readNamed(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new OptionError(`${what} cannot be read: ${(error as Error).message}`)
  }
}
