// What the peers did, measured in November 2026 by running valkey-admin 1.1.0 and BetterDB 0.39.0 on a real 9.1.2 cluster of six nodes with
// 100,000 keys, on two cores; and what ours must be.

/** @type {Readonly<Record<string, { what: string, valkeyAdmin: string, betterDb: string, goal: string }>>} */
export const recorded = {
  steps: {
    what: 'from nothing to the first screen',
    valkeyAdmin: '4 commands, 5 in the form',
    betterDb: '6 commands',
    goal: '1 command, 0 in the form'
  },
  development: { what: 'packages installed, development', valkeyAdmin: '1,063', betterDb: '1,440', goal: '<= 450' },
  runTime: { what: 'packages at run time', valkeyAdmin: '-', betterDb: '-', goal: '<= 60' },
  memory: { what: 'memory of all processes (PSS), 6 nodes', valkeyAdmin: '240 MB (4 processes)', betterDb: '145 MB', goal: '<= 120 MB' },
  processor: { what: 'processor, page open', valkeyAdmin: '0.6 %', betterDb: '3.1 %', goal: '<= 1 %' },
  idle: {
    what: 'commands per second caused, idle, whole cluster',
    valkeyAdmin: '2.8 (replicas never)',
    betterDb: '10 to 11.5',
    goal: '<= 6'
  },
  spread: { what: 'share of the node asked most, idle', valkeyAdmin: '-', betterDb: 'nearly all the seed', goal: 'spread evenly' },
  watched: { what: 'commands per second caused, page open', valkeyAdmin: '-', betterDb: '-', goal: '' },
  browser: {
    what: 'commands for a page of the key browser',
    valkeyAdmin: '4,429 for 1,000 keys',
    betterDb: 'no key browser',
    goal: '<= 20'
  },
  failover: { what: 'failover on the screen after promotion', valkeyAdmin: 'never', betterDb: '12.8 s', goal: '<= 1 s' },
  seed: { what: 'the seed dies', valkeyAdmin: 'not tried', betterDb: '"Standalone Mode"', goal: 'nothing changes but that node' },
  moved: { what: '1,000 slots moved, on the screen', valkeyAdmin: 'never', betterDb: '20 s', goal: '<= 1 s' },
  job: { what: 'and the job itself', valkeyAdmin: 'no', betterDb: 'no', goal: 'seen' },
  password: {
    what: 'wrong password',
    valkeyAdmin: '"timed out" after 5.3 s',
    betterDb: '"Connection is closed."',
    goal: "the server's error, at once"
  },
  hash: { what: 'hash of 200,000 fields', valkeyAdmin: 'refused (2 KB limit)', betterDb: 'no key browser', goal: 'paged' },
  bytes: { what: 'key name that is not UTF-8', valkeyAdmin: 'the listing fails', betterDb: '-', goal: 'shown, editable' },
  origin: { what: 'stream from a foreign Origin', valkeyAdmin: '403', betterDb: 'accepted, runs commands', goal: '403' },
  host: { what: 'foreign Host', valkeyAdmin: 'accepted', betterDb: 'accepted', goal: '421 or 403' },
  login: { what: 'login', valkeyAdmin: 'none', betterDb: 'none', goal: 'always' }
}
