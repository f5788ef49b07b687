import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Background, Caller, NodeAddress } from '@slotscope/observer'
import type { Capability, ProfileOrigin } from '@slotscope/observer/stream'
import type { AddressMap } from './clusters/address-map.ts'
import type { NodeHost } from './clusters/node-host.ts'
import { OptionError } from './errors.ts'
import type { RecordingOptions } from './recording/recordings.ts'
import type { CertificateFiles } from './security/own-certificate.ts'
import type { KeySource } from './security/secret-box.ts'
import type { WebhookOptions } from './webhook/webhook.ts'

/** PEM texts. Certificates are always verified: against `ca`, or else against the CAs that Node.js brings along. */
export type ClusterTls = {
  readonly ca?: string | undefined
  /** Ours, where the servers ask for one, with its key. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** The name that the certificate of every node is for; without it a name or address of the node itself. */
  readonly servername?: string | undefined
}

/** A cluster to watch. `id` stands in URLs. */
export type ClusterOptions = {
  /** Letters, digits, `-` and `_`; at most 64. */
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'connected'
  /** Any nodes of it; the others are found. */
  readonly seeds: readonly NodeAddress[]
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: boolean | ClusterTls | undefined
  readonly addressMap?: AddressMap | undefined
  /** Nothing that changes this cluster is sent. */
  readonly readOnly?: boolean | undefined
  /** Who says so. Those made on screen pass the policy of targets. Default `command-line`. */
  readonly origin?: ProfileOrigin | undefined
  /** What the host of the api can do for this cluster, e.g. `probe`. */
  readonly capabilities?: readonly Capability[] | undefined
  /** Who runs its nodes, if that is us: then nodes can be added, killed and started again. */
  readonly nodeHost?: NodeHost | undefined
  /** What is watched while nobody looks. Default `light`. */
  readonly background?: Background | undefined
  /** Another way to ask it than TCP. It stays open when the api closes. */
  readonly caller?: Caller | undefined
}

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

export type ApiOptions = {
  /** Default 127.0.0.1. Anything beyond loopback needs `tls` or `trustedProxy`. */
  readonly host?: string | undefined
  /** 0: any free port. */
  readonly port: number
  /** Browsers reach us over TLS, with this certificate. */
  readonly tls?: CertificateFiles | undefined
  /** A proxy that we trust stands before us, ends TLS and says who asks (X-Forwarded-For, X-Forwarded-Proto). */
  readonly trustedProxy?: boolean | undefined
  /** Names under which browsers may reach us besides loopback: `name` or `name:port`. */
  readonly allowHosts?: readonly string[] | undefined
  /** The folder of the built console; without it only the api is served. */
  readonly consoleDir?: string | undefined
  readonly clusters: readonly ClusterOptions[]
  /** Keeps the clusters that are made on screen, their secrets sealed; without it they live as long as the api. */
  readonly profiles?: { readonly path: string; readonly key: KeySource } | undefined
  /** Clusters made on screen may lead to loopback and link-local addresses. */
  readonly allowLocalTargets?: boolean | undefined
  /** Exported recordings to be played, each under an id of its own. */
  readonly play?: readonly { readonly id: string; readonly file: string }[] | undefined
  /** Keeps the past of every cluster on disk; without it there is none to look back at. */
  readonly recording?: RecordingOptions | undefined
  /** Appended to, one JSON object per line; without it the audit ends with the api. */
  readonly auditFile?: string | undefined
  /**
   * What was confirmed is written here before it is sent, one JSON object per line, so that a restart finds every move again; without
   * it the moves live as long as the api.
   */
  readonly journalFile?: string | undefined
  /** Who may log in by name and password, hashed; without it accounts live as long as the api. */
  readonly accountsFile?: string | undefined
  /** Nothing that changes a cluster is sent, whoever asks. */
  readonly readOnly?: boolean | undefined
  /** With it `/metrics` is read by a machine (`Authorization: Bearer ...`); without it only by who is logged in. At least 32 characters. */
  readonly metricsToken?: string | undefined
  /** Where a POST goes when a problem begins and when it ends. `secret` signs it: HMAC-SHA-256 over `<seconds>.<body>`. */
  readonly webhook?: WebhookOptions | undefined
  /** Keeps the letters of shards between runs; without it they live as long as the api. */
  readonly labelsFile?: string | undefined
  /** Keeps the names that people give to databases; without it they live as long as the api. */
  readonly databaseNamesFile?: string | undefined
  /** Of the log, which has one JSON object per line. Default `warn`. */
  readonly logLevel?: LogLevel | undefined
  /** Where its lines go. Default standard output. */
  readonly logTo?: { write(line: string): unknown } | undefined
  /** Wall clock in milliseconds; for tests. */
  readonly now?: (() => number) | undefined
}

/** Throws `OptionError` for what cannot be honoured or must not be. */
export function checkOptions(options: ApiOptions): void {
  const { host = '127.0.0.1', port, clusters, tls, trustedProxy = false, allowHosts = [] } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new OptionError(`the port must be 0 to 65535, not ${port}`)
  if (host === '') throw new OptionError('to listen on needs an address, such as 127.0.0.1')
  if (!isLoopback(host) && tls === undefined && !trustedProxy)
    throw new OptionError(
      `listening on ${host} would send sessions over the network in the clear: listen on 127.0.0.1, give a certificate and its key, or put a proxy with TLS before it and say so (trusted proxy)`
    )
  for (const name of allowHosts)
    if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:\d{1,5})?$/.test(name))
      throw new OptionError(`"${name}" is not a host name, with or without a port`)
  const seen = new Set<string>()
  for (const { id } of [...clusters, ...(options.play ?? [])]) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new OptionError(`the cluster id "${id}" must be 1 to 64 letters, digits, "-" or "_"`)
    if (seen.has(id)) throw new OptionError(`two clusters have the id "${id}"`)
    seen.add(id)
  }
  for (const limit of [options.recording?.hours, options.recording?.bytes])
    if (limit !== undefined && !(limit > 0)) throw new OptionError(`a recording is kept for more than ${limit} hours or bytes`)
  for (const cluster of clusters) {
    checkCluster(cluster)
  }
}

/** Throws `OptionError`, which never repeats a secret. */
export function checkCluster({ id, seeds, tls }: ClusterOptions): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new OptionError(`the cluster id "${id}" must be 1 to 64 letters, digits, "-" or "_"`)
  if (seeds.length === 0) throw new OptionError(`cluster "${id}" has no node to begin with`)
  for (const { host, port } of seeds)
    if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw new OptionError(`cluster "${id}": "${host}:${port}" is not a host and port`)
  if (typeof tls !== 'object') return
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new OptionError(`cluster "${id}": a client certificate and its key belong together`)
  if (tls.ca !== undefined && !holdsCertificates(tls.ca))
    throw new OptionError(`cluster "${id}": its CA is not usable: it takes certificates as PEM text, -----BEGIN CERTIFICATE----- and so on`)
  try {
    createSecureContext(tls)
  } catch (error) {
    // OpenSSL names what is wrong and repeats nothing of the texts.
    throw new OptionError(`cluster "${id}": its certificate or key is not usable: ${(error as Error).message}`)
  }
}

/** OpenSSL passes over whatever is no PEM, and would then trust nobody without a word. */
function holdsCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch {
    return false
  }
  return blocks.length > 0
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
