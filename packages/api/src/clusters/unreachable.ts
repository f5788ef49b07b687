import { UnreachableError } from '@slotscope/observer'
import { ForbiddenTargetError } from '../security/target-policy.ts'

/** What kind of reason it is; the words are in the message. */
export type UnreachableKind = 'refused' | 'timed-out' | 'no-such-host' | 'not-allowed' | 'certificate' | 'server-error' | 'lost'

/** No reply from a node, and why: for a person, in the words of the server or of the system, and for a table as a kind. */
export class NodeUnreachable extends UnreachableError {
  readonly kind: UnreachableKind

  /** `words` never hold a password: an error object of ioredis has the command with its arguments hung on it, so only words are kept. */
  constructor(kind: UnreachableKind, words: string) {
    super(words, { cause: words })
    this.kind = kind
  }
}

/** `atLogin`: the login was not answered yet; its value says what a server that just hangs up may have wanted. */
export function whyUnreachable(error: unknown, { atLogin }: { readonly atLogin?: string } = {}): NodeUnreachable {
  if (error instanceof NodeUnreachable) return error
  if (error instanceof AggregateError && error.errors.length > 0) {
    const each = error.errors.map((one) => whyUnreachable(one, atLogin === undefined ? {} : { atLogin }))
    return new NodeUnreachable(each[0]?.kind ?? 'lost', each.map(({ message }) => message).join('; '))
  }
  const words = error instanceof Error && error.message !== '' ? error.message : String(error)
  if (error instanceof ForbiddenTargetError) return new NodeUnreachable('not-allowed', words)
  if (error instanceof Error && error.name === 'ReplyError') return new NodeUnreachable('server-error', words)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const certificate = certificateWords[code]
  if (certificate !== undefined) return new NodeUnreachable('certificate', `${certificate} (${words})`)
  if (words.includes('wrong version number') || words.includes('packet length too long'))
    return new NodeUnreachable('certificate', 'the server does not speak TLS at this port')
  if (/alert (certificate|unknown ca|bad certificate|handshake failure|access denied)|CERTIFICATE_REQUIRED/i.test(words))
    return new NodeUnreachable('certificate', `the server asks for a client certificate that it trusts (${alertOf(words)})`)
  if (code === 'ECONNREFUSED') return new NodeUnreachable('refused', words)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new NodeUnreachable('no-such-host', words)
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || /^(no answer|no reply)/.test(words))
    return new NodeUnreachable('timed-out', words)
  if (atLogin !== undefined)
    return new NodeUnreachable('lost', `the server closed the connection before it answered the login: ${atLogin} (${words})`)
  return new NodeUnreachable('lost', words)
}

const ask = 'give the CA that signed it in the profile'

/** By the codes of OpenSSL and Node. */
const certificateWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  CERT_NOT_YET_VALID: 'the certificate of the server is not valid yet',
  CERT_REVOKED: 'the certificate of the server was revoked',
  CERT_SIGNATURE_FAILURE: 'the certificate of the server has a wrong signature',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'the certificate of the server is self-signed and not trusted: give it as the CA in the profile if it is the right one',
  SELF_SIGNED_CERT_IN_CHAIN: `the certificate of the server is signed by a CA that is not trusted: ${ask}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the certificate of the server is signed by a CA that is not trusted: ${ask}`,
  UNABLE_TO_GET_ISSUER_CERT: `the certificate of the server is signed by a CA that is not trusted: ${ask}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the certificate of the server is signed by a CA that is not trusted: ${ask}`,
  INVALID_PURPOSE: 'the certificate of the server is not made for servers',
  INVALID_CA: 'the certificate of the server is signed by one that is no CA',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for other names',
  ERR_TLS_CERT_ALTNAME_FORMAT: 'the certificate of the server has names that cannot be read'
}

/** The words between the numbers and file names of OpenSSL: `tlsv13 alert certificate required`. */
function alertOf(words: string): string {
  return /[a-z0-9]+ alert [a-z ]+/i.exec(words)?.[0].trim() ?? words
}
