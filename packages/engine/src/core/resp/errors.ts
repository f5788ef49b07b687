/** Answers that more than one command gives, in Valkey's words. Each text begins with its code. */
export const errors = {
  loginRequired: 'NOAUTH Authentication required.',
  syntax: 'ERR syntax error',
  notAnInteger: 'ERR value is not an integer or out of range',
  notAFloat: 'ERR value is not a valid float',
  outOfRange: 'ERR value is out of range',
  notPositive: 'ERR value is out of range, must be positive',
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  noSuchKey: 'ERR no such key',
  sameObject: 'ERR source and destination objects are the same',
  databaseRange: 'ERR DB index is out of range',
  indexRange: 'ERR index out of range',
  overflow: 'ERR increment or decrement would overflow',
  nanOrInfinity: 'ERR increment would produce NaN or Infinity',
  crossSlot: "CROSSSLOT Keys in request don't hash to the same slot",
  tryAgain: 'TRYAGAIN Multiple keys request during rehashing of slot',
  clusterDisabled: 'ERR This instance has cluster support disabled',
  clusterDown: 'CLUSTERDOWN The cluster is down',
  clusterDownReads: 'CLUSTERDOWN The cluster is down and only accepts read commands',
  slotUnserved: 'CLUSTERDOWN Hash slot not served',
  readOnlyReplica: "READONLY You can't write against a read only replica.",
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
  loading: 'LOADING Valkey is loading the dataset in memory',
  execAborted: 'EXECABORT Transaction discarded because of previous errors.',
  noProto: 'NOPROTO unsupported protocol version',
  queryBuffer: 'ERR Protocol error: too big query buffer',
  unknownNode: (id: string) => `ERR Unknown node ${id}`,
  noSuchMember: (name: string) => `ERR member ${clip(name, name.length)} does not exist`,
  streamId: 'ERR Invalid stream ID specified as stream command argument',
  noKeyOrGroup: (key: string, group: string) =>
    `NOGROUP No such key '${clip(key, key.length)}' or consumer group '${clip(group, group.length)}'`,
  noGroup: (key: string, group: string) =>
    `NOGROUP No such consumer group '${clip(group, group.length)}' for key name '${clip(key, key.length)}'`,
  subcommandSyntax: (sub: string, parent: string) =>
    `ERR unknown subcommand or wrong number of arguments for '${clip(sub, 128)}'. Try ${parent} HELP.`,
  unknownPfdebug: (sub: string) => `ERR Unknown PFDEBUG subcommand '${clip(sub, sub.length)}'`,
  unknownClaimOption: (option: string) => `ERR Unrecognized XCLAIM option '${clip(option, option.length)}'`,
  wrongArity: (name: string) => `ERR wrong number of arguments for '${name}' command`,
  invalidExpire: (name: string) => `ERR invalid expire time in '${name}' command`,
  unknownSubcommand: (sub: string, parent: string) => `ERR unknown subcommand '${clip(sub, 128)}'. Try ${parent.toUpperCase()} HELP.`,
  moved: (slot: number, host: string, port: number) => `MOVED ${slot} ${host}:${port}`,
  protectedMode:
    "DENIED Running in protected mode because protected mode is enabled and no password is set for the default user. Only connections from the loopback interface are accepted. To connect from elsewhere, set a password for the default user, or, where nobody else can reach this node, 'CONFIG SET protected-mode no' from the machine that it runs on.",
  redirect: (host: string, port: number) => `REDIRECT ${host}:${port}`,
  ask: (slot: number, host: string, port: number) => `ASK ${slot} ${host}:${port}`,
  /** `arguments` are those after the name; at most 128 bytes of them are repeated (`commandCheckExistence`). */
  unknownCommand: (name: string, rest: readonly string[]) => {
    let shown = ''
    for (const word of rest) {
      if (shown.length >= 128) break
      shown += `'${clip(word, 128 - shown.length)}' `
    }
    return `ERR unknown command '${clip(name, 128)}', with args beginning with: ${shown}`
  }
} as const

/** What a C string of at most `length` bytes prints: nothing after a NUL. */
function clip(text: string, length: number): string {
  const end = text.indexOf('\0')
  return end >= 0 && end < length ? text.slice(0, end) : text.slice(0, length)
}
