/** What the C library would say of an error of the system, since peers and people know those words. */
export function systemText(error: NodeJS.ErrnoException): string {
  return WORDS[error.code ?? ''] ?? error.message
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENOENT: 'No such file or directory',
  ENOTFOUND: 'Name or service not known',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out'
}
