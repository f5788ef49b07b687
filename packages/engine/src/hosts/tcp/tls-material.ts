import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import tls from 'node:tls'
import { parameterText } from './parameter-text.ts'
import { systemText } from './system-text.ts'

/** What TLS is configured with cannot be used; the text is for the log, in the words of the reference (`tlsConfigure`). */
export class TlsError extends Error {}

/** Reads a parameter by Valkey's name. */
export type ReadParameter = (name: TlsParameter) => string

export type TlsParameter =
  | `tls-${'port' | 'cluster' | 'replication' | 'auth-clients' | 'ca-cert-file' | 'ca-cert-dir'}`
  | `tls-${'protocols' | 'ciphers' | 'ciphersuites' | 'prefer-server-ciphers'}`
  | `tls-${'' | 'client-'}${'cert-file' | 'key-file' | 'key-file-pass'}`

/** Certificates and keys as they were read: for whom we accept, and for whom we connect to. */
export type TlsMaterial = {
  readonly accepting: tls.SecureContextOptions
  readonly connecting: tls.SecureContextOptions
  readonly authentication: 'no' | 'yes' | 'optional'
}

/** Is anything of a node over TLS? Only then its files are looked at. */
export function usesTls(read: ReadParameter): boolean {
  return read('tls-port') !== '0' || read('tls-cluster') === 'yes' || read('tls-replication') === 'yes'
}

/** Reads and tries everything that the parameters name. Throws TlsError. */
export function readTlsMaterial(read: ReadParameter): TlsMaterial {
  if (read('tls-cert-file') === '') throw new TlsError('No tls-cert-file configured!')
  if (read('tls-key-file') === '') throw new TlsError('No tls-key-file configured!')
  const authentication = read('tls-auth-clients') as TlsMaterial['authentication']
  const asksPeers = read('tls-cluster') === 'yes' || read('tls-replication') === 'yes' || authentication !== 'no'
  if (asksPeers && read('tls-ca-cert-file') === '' && read('tls-ca-cert-dir') === '') {
    throw new TlsError(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!'
    )
  }
  const common = { ...readProtocols(read('tls-protocols')), ...readAuthorities(read), ...readCiphers(read) }
  const own = readPair(read('tls-cert-file'), read('tls-key-file'), read('tls-key-file-pass'))
  const [certFile, keyFile] = [read('tls-client-cert-file'), read('tls-client-key-file')]
  const asClient = certFile !== '' && keyFile !== '' ? readPair(certFile, keyFile, read('tls-client-key-file-pass')) : own
  return {
    accepting: { ...common, ...own, honorCipherOrder: read('tls-prefer-server-ciphers') === 'yes' },
    connecting: { ...common, ...asClient },
    authentication
  }
}

/** A certificate with its chain, and its key. */
function readPair(certFile: string, keyFile: string, passphrase: string): tls.SecureContextOptions {
  const cert = attempt(`load certificate: ${certFile}`, () => {
    const bytes = readFileSync(parameterText(certFile))
    tls.createSecureContext({ cert: bytes })
    return bytes
  })
  return attempt(`load private key: ${keyFile}`, () => {
    const pair = {
      cert,
      key: readFileSync(parameterText(keyFile)),
      ...(passphrase === '' ? {} : { passphrase: parameterText(passphrase) })
    }
    tls.createSecureContext(pair)
    return pair
  })
}

/** Whose signatures count. Files of a folder that hold no certificate are passed over, as the reference never looks at them. */
function readAuthorities(read: ReadParameter): tls.SecureContextOptions {
  const [file, folder] = [read('tls-ca-cert-file'), read('tls-ca-cert-dir')]
  if (file === '' && folder === '') return {}
  return attempt('configure CA certificate(s) file/directory', () => {
    const ca: Buffer[] = []
    if (file !== '') {
      ca.push(readFileSync(parameterText(file)))
      tls.createSecureContext({ ca })
    }
    if (folder !== '')
      ca.push(...readdirSync(parameterText(folder)).flatMap((name) => readCertificate(path.join(parameterText(folder), name))))
    return { ca }
  })
}

function readCertificate(file: string): Buffer[] {
  try {
    const bytes = readFileSync(file)
    return bytes.includes('-----BEGIN CERTIFICATE-----') ? [bytes] : []
  } catch (error) {
    // Folders inside, and links to nowhere.
    if (['EISDIR', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

const VERSIONS: readonly tls.SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Versions that stand beside each other, for a gap is nothing that a peer could be told of. */
function readProtocols(text: string): tls.SecureContextOptions {
  const words = text.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }
  const wanted = words.map((word) => VERSIONS.findIndex((version) => version.toLowerCase() === word.toLowerCase()))
  if (wanted.includes(-1))
    throw new TlsError("Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.")
  const [low, high] = [Math.min(...wanted), Math.max(...wanted)]
  if (new Set(wanted).size !== high - low + 1) throw new TlsError('Invalid tls-protocols specified: a version between others is left out.')
  return { minVersion: VERSIONS[low] as tls.SecureVersion, maxVersion: VERSIONS[high] as tls.SecureVersion }
}

/** Node takes the ciphers up to TLS 1.2 and the suites of TLS 1.3 in one list, and leaves alone what is not in it. */
function readCiphers(read: ReadParameter): tls.SecureContextOptions {
  const lists = (['tls-ciphers', 'tls-ciphersuites'] as const).filter((name) => read(name) !== '')
  for (const name of lists)
    attempt(`configure ${name.slice('tls-'.length)}`, () => tls.createSecureContext({ ciphers: read(name) }), read(name))
  return lists.length === 0 ? {} : { ciphers: lists.map(read).join(':') }
}

/** The words of the reference for what failed; `why` replaces what the system or OpenSSL says. */
function attempt<T>(what: string, work: () => T, why?: string): T {
  try {
    return work()
  } catch (error) {
    throw new TlsError(`Failed to ${what}: ${why ?? systemText(error as NodeJS.ErrnoException)}`)
  }
}
