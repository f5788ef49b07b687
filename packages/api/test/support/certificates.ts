import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'

const DAY_MS = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** PEM texts. */
export type Certified = { readonly cert: string; readonly key: string }

export type Authority = {
  /** PEM text. */
  readonly ca: string
  /** A certificate for these names and addresses, good for a day before and after now unless `fromDays` and `untilDays` say otherwise. */
  issue(names: readonly string[], life?: { readonly fromDays: number; readonly untilDays: number }): Promise<Certified>
}

/** A CA of the test's own. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await newKeys()
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...lifeOf(-2, 2),
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)]
  })
  return {
    ca: ca.toString('pem'),
    issue: (names, life = { fromDays: -1, untilDays: 1 }) => certify(names, life, { ca, key: keys.privateKey })
  }
}

/** A certificate that nobody but itself vouches for. */
export function selfSigned(names: readonly string[]): Promise<Certified> {
  return certify(names, { fromDays: -1, untilDays: 1 })
}

async function certify(
  names: readonly string[],
  life: { readonly fromDays: number; readonly untilDays: number },
  by?: { readonly ca: X509Certificate; readonly key: webcrypto.CryptoKey }
): Promise<Certified> {
  const keys = await newKeys()
  const subject = `CN=${names[0]?.replaceAll(':', ' ')}`
  const cert = await X509CertificateGenerator.create({
    ...lifeOf(life.fromDays, life.untilDays),
    subject,
    issuer: by?.ca.subject ?? subject,
    publicKey: keys.publicKey,
    signingKey: by?.key ?? keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }))),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth])
    ]
  })
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { cert: cert.toString('pem'), key }
}

function newKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

function lifeOf(fromDays: number, untilDays: number) {
  return { notBefore: new Date(Date.now() + fromDays * DAY_MS), notAfter: new Date(Date.now() + untilDays * DAY_MS) }
}
