import type { KeyEditKind, KeyEdits, ProfileRequest } from '@slotscope/observer/stream'
import type { RouteRule } from '../../src/security/gate.ts'
import { scriptedNodes, shardOf } from './scripted-cluster.ts'

/** A request that a route takes, so that a refusal can only come from the rule under test. */
export type RouteSample = { readonly method: string; readonly path: string; readonly body?: unknown }

const cluster = '/api/clusters/main'
const key = Buffer.from('key').toString('base64url')
const plan = '0'.repeat(32)
/** It leads to this machine, so that no test of it leads anywhere else: the policy refuses it. */
const profile: ProfileRequest = {
  id: 'main',
  name: 'Main',
  seeds: ['127.0.0.1:7001'],
  username: null,
  password: null,
  tls: null,
  addressMap: {},
  readOnly: false,
  background: 'light'
}

/** A body for each kind of edit, without its `database` and `key`. */
export const editBodies: { readonly [Kind in KeyEditKind]: Omit<KeyEdits[Kind], 'database' | 'key'> } = {
  'string-set': { expected: key, value: key },
  'string-range': { offset: 0, expected: key, value: key },
  'hash-set': { field: key, expected: null, value: key },
  'hash-delete': { fields: [{ field: key, expected: key }] },
  'hash-deadlines': { fields: [{ field: key, expectedMs: null }], deadlineMs: null },
  'list-set': { index: 0, expected: key, value: key },
  'list-push': { side: 'left', values: [key] },
  'list-remove': { index: 0, expected: key },
  'list-remove-value': { value: key, count: 1 },
  'set-add': { members: [key] },
  'set-remove': { members: [key] },
  'set-replace': { expected: key, value: key },
  'zset-set': { member: key, expected: null, score: '1' },
  'zset-remove': { members: [{ member: key, expected: '1' }] },
  'stream-add': { id: '*', fields: [[key, key]] },
  'stream-delete': { ids: ['1-1'] },
  'stream-ack': { group: key, ids: ['1-1'] },
  'stream-group-create': { group: key, startId: '$' },
  'stream-group-start': { group: key, expected: '1-1', startId: '0' },
  'stream-group-destroy': { group: key, expected: 0 },
  'stream-consumer-delete': { group: key, consumer: key, expected: 0 },
  create: { value: { type: 'string', value: key }, deadlineMs: null },
  delete: { expected: { type: 'string', size: 3 } },
  expiry: { expectedMs: null, deadlineMs: null },
  rename: { expected: { type: 'string' }, to: key },
  copy: { expected: { type: 'string' }, toDatabase: 1, move: false, replace: false },
  import: { dump: key, deadlineMs: null, expected: null }
}

function editSamples(): Record<string, RouteSample> {
  const entries = Object.entries(editBodies).map(([kind, body]): [string, RouteSample] => [
    `POST /api/clusters/:cluster/keys/edit/${kind}`,
    { method: 'POST', path: `${cluster}/keys/edit/${kind}`, body: { database: 0, key, ...body } }
  ])
  return Object.fromEntries(entries)
}

/** One sample per route. A route that is not here fails the tests that go over all routes. */
export const samples: Readonly<Record<string, RouteSample>> = {
  'GET /healthz': { method: 'GET', path: '/healthz' },
  'GET /healthz/ready': { method: 'GET', path: '/healthz/ready' },
  'GET /metrics': { method: 'GET', path: '/metrics' },
  'GET /api/docs': { method: 'GET', path: '/api/docs' },
  'GET /api/docs/style.css': { method: 'GET', path: '/api/docs/style.css' },
  'GET /api/docs/openapi.json': { method: 'GET', path: '/api/docs/openapi.json' },
  'GET /*': { method: 'GET', path: '/' },
  'HEAD /*': { method: 'HEAD', path: '/' },
  'GET /api/session': { method: 'GET', path: '/api/session' },
  'POST /api/login': { method: 'POST', path: '/api/login', body: { token: 'x' } },
  'POST /api/login/password': { method: 'POST', path: '/api/login/password', body: { user: 'nobody', password: 'x' } },
  'POST /api/ticket': { method: 'POST', path: '/api/ticket', body: {} },
  'GET /api/accounts': { method: 'GET', path: '/api/accounts' },
  // The password is too easy: no account is made.
  'POST /api/accounts': { method: 'POST', path: '/api/accounts', body: { name: 'eve', role: 'viewer', password: 'short' } },
  'POST /api/accounts/:name/role': { method: 'POST', path: '/api/accounts/nobody/role', body: { role: 'viewer' } },
  'POST /api/accounts/:name/removal': { method: 'POST', path: '/api/accounts/nobody/removal', body: {} },
  'DELETE /api/accounts/:name': { method: 'DELETE', path: '/api/accounts/nobody', body: { typedName: 'nobody' } },
  'GET /api/audit': { method: 'GET', path: '/api/audit?outcome=failed' },
  'GET /api/audit/export': { method: 'GET', path: '/api/audit/export?format=csv' },
  'GET /api/audit/verify': { method: 'GET', path: '/api/audit/verify' },
  'GET /api/clusters': { method: 'GET', path: '/api/clusters' },
  'GET /api/profiles': { method: 'GET', path: '/api/profiles' },
  // The id is taken, or the cluster stands on the command line: nothing is made or changed.
  'POST /api/profiles': { method: 'POST', path: '/api/profiles', body: profile },
  'POST /api/profiles/test': { method: 'POST', path: '/api/profiles/test', body: profile },
  'PUT /api/profiles/:id': { method: 'PUT', path: '/api/profiles/main', body: profile },
  'POST /api/profiles/:id/test': { method: 'POST', path: '/api/profiles/main/test', body: {} },
  'POST /api/profiles/:id/removal': { method: 'POST', path: '/api/profiles/main/removal', body: {} },
  'DELETE /api/profiles/:id': { method: 'DELETE', path: '/api/profiles/main', body: { typedName: 'Main' } },
  'POST /api/logout': { method: 'POST', path: '/api/logout', body: {} },
  'GET /api/clusters/:cluster/stream': { method: 'GET', path: `${cluster}/stream` },
  'POST /api/clusters/:cluster/plans': { method: 'POST', path: `${cluster}/plans`, body: { slots: [[0, 9]], targetShard: shardOf(7_002) } },
  'POST /api/clusters/:cluster/plans/:planId/confirm': { method: 'POST', path: `${cluster}/plans/${plan}/confirm`, body: {} },
  'DELETE /api/clusters/:cluster/plans/:planId': { method: 'DELETE', path: `${cluster}/plans/${plan}` },
  'POST /api/clusters/:cluster/node-plans': {
    method: 'POST',
    path: `${cluster}/node-plans`,
    body: { kind: 'replicate', node: scriptedNodes[0]?.id, primary: scriptedNodes[1]?.id }
  },
  'POST /api/clusters/:cluster/node-plans/:planId/confirm': { method: 'POST', path: `${cluster}/node-plans/${plan}/confirm`, body: {} },
  'DELETE /api/clusters/:cluster/node-plans/:planId': { method: 'DELETE', path: `${cluster}/node-plans/${plan}` },
  'POST /api/clusters/:cluster/queues/:planId/stop': { method: 'POST', path: `${cluster}/queues/${plan}/stop`, body: {} },
  'POST /api/clusters/:cluster/queues/:planId/retry': { method: 'POST', path: `${cluster}/queues/${plan}/retry`, body: {} },
  'POST /api/clusters/:cluster/queues/:planId/skip': { method: 'POST', path: `${cluster}/queues/${plan}/skip`, body: {} },
  'GET /api/clusters/:cluster/nodes': { method: 'GET', path: `${cluster}/nodes` },
  'GET /api/clusters/:cluster/nodes/settings': { method: 'GET', path: `${cluster}/nodes/settings` },
  'GET /api/clusters/:cluster/nodes/users': { method: 'GET', path: `${cluster}/nodes/users` },
  'POST /api/clusters/:cluster/nodes/users/test': {
    method: 'POST',
    path: `${cluster}/nodes/users/test`,
    body: { user: 'default', argv: ['GET', 'a'] }
  },
  'GET /api/clusters/:cluster/clients': { method: 'GET', path: `${cluster}/clients` },
  'POST /api/clusters/:cluster/clients/kill': {
    method: 'POST',
    path: `${cluster}/clients/kill`,
    body: { clients: [{ node: scriptedNodes[0]?.id, id: 5, address: '127.0.0.1:47260' }] }
  },
  'GET /api/clusters/:cluster/command-logs': { method: 'GET', path: `${cluster}/command-logs?kind=slow` },
  'POST /api/clusters/:cluster/command-logs/reset': { method: 'POST', path: `${cluster}/command-logs/reset`, body: { kind: 'slow' } },
  'GET /api/clusters/:cluster/command-stats': { method: 'GET', path: `${cluster}/command-stats` },
  'GET /api/clusters/:cluster/latency': { method: 'GET', path: `${cluster}/latency` },
  'GET /api/clusters/:cluster/latency/history': {
    method: 'GET',
    path: `${cluster}/latency/history?node=${scriptedNodes[0]?.id}&event=command`
  },
  'GET /api/clusters/:cluster/memory': { method: 'GET', path: `${cluster}/memory` },
  'GET /api/clusters/:cluster/pubsub': { method: 'GET', path: `${cluster}/pubsub` },
  'POST /api/clusters/:cluster/pubsub/listeners': {
    method: 'POST',
    path: `${cluster}/pubsub/listeners`,
    body: { kind: 'channel', name: key }
  },
  'GET /api/clusters/:cluster/pubsub/listeners/:listener': { method: 'GET', path: `${cluster}/pubsub/listeners/${plan}?after=0` },
  'DELETE /api/clusters/:cluster/pubsub/listeners/:listener': { method: 'DELETE', path: `${cluster}/pubsub/listeners/${plan}` },
  'POST /api/clusters/:cluster/nodes/users/change/preview': {
    method: 'POST',
    path: `${cluster}/nodes/users/change/preview`,
    body: { user: 'app', rules: ['on'], nodes: [scriptedNodes[0]?.id] }
  },
  // Not confirmed: nothing is changed.
  'POST /api/clusters/:cluster/nodes/users/change': {
    method: 'POST',
    path: `${cluster}/nodes/users/change`,
    body: { user: 'app', rules: ['on'], nodes: [scriptedNodes[0]?.id], save: false, nonce: 'x' }
  },
  'GET /api/clusters/:cluster/nodes/:node/info': { method: 'GET', path: `${cluster}/nodes/${scriptedNodes[0]?.id}/info` },
  'POST /api/clusters/:cluster/nodes/:node/cancel-exports': {
    method: 'POST',
    path: `${cluster}/nodes/${scriptedNodes[0]?.id}/cancel-exports`,
    body: {}
  },
  'POST /api/clusters/:cluster/probe': { method: 'POST', path: `${cluster}/probe`, body: { on: false } },
  'POST /api/clusters/:cluster/jobs/:name/acknowledge': { method: 'POST', path: `${cluster}/jobs/${'a'.repeat(40)}/acknowledge`, body: {} },
  'POST /api/clusters/:cluster/slots/keys': { method: 'POST', path: `${cluster}/slots/keys`, body: { slots: [[5, 6]] } },
  'GET /api/clusters/:cluster/slots/:slot': { method: 'GET', path: `${cluster}/slots/5` },
  'PUT /api/clusters/:cluster/databases/:database/name': { method: 'PUT', path: `${cluster}/databases/1/name`, body: { name: '' } },
  'POST /api/clusters/:cluster/keys/scan': {
    method: 'POST',
    path: `${cluster}/keys/scan`,
    body: { database: 0, shard: null, pattern: '', type: null, cursor: null, count: 10 }
  },
  'POST /api/clusters/:cluster/keys/details': { method: 'POST', path: `${cluster}/keys/details`, body: { database: 0, keys: [key] } },
  'POST /api/clusters/:cluster/keys/sample': {
    method: 'POST',
    path: `${cluster}/keys/sample`,
    body: { database: 0, shard: null, count: 10 }
  },
  'GET /api/clusters/:cluster/keys/value': { method: 'GET', path: `${cluster}/keys/value?database=0&key=${key}` },
  'GET /api/clusters/:cluster/keys/stream': { method: 'GET', path: `${cluster}/keys/stream?database=0&key=${key}` },
  'GET /api/clusters/:cluster/keys/stream/pending': {
    method: 'GET',
    path: `${cluster}/keys/stream/pending?database=0&key=${key}&group=${key}`
  },
  'GET /api/clusters/:cluster/keys/everywhere': { method: 'GET', path: `${cluster}/keys/everywhere?key=${key}` },
  'GET /api/clusters/:cluster/keys/dump': { method: 'GET', path: `${cluster}/keys/dump?database=0&key=${key}` },
  'POST /api/clusters/:cluster/keys/export': {
    method: 'POST',
    path: `${cluster}/keys/export`,
    body: { database: 0, keys: [key], form: 'dump' }
  },
  'POST /api/clusters/:cluster/keys/deletion': { method: 'POST', path: `${cluster}/keys/deletion`, body: { database: 0, count: 1 } },
  // No such run: nothing is deleted.
  'POST /api/clusters/:cluster/keys/delete': {
    method: 'POST',
    path: `${cluster}/keys/delete`,
    body: { database: 0, keys: [key], run: 'none' }
  },
  'POST /api/clusters/:cluster/keys/import': {
    method: 'POST',
    path: `${cluster}/keys/import`,
    body: { database: 0, items: [{ key, type: 'string', deadlineMs: null, dump: key }], existing: 'keep' }
  },
  ...editSamples(),
  'GET /api/clusters/:cluster/recording': { method: 'GET', path: `${cluster}/recording` },
  'GET /api/clusters/:cluster/recording/frames': { method: 'GET', path: `${cluster}/recording/frames?from=0&to=1` },
  'GET /api/clusters/:cluster/recording/export': { method: 'GET', path: `${cluster}/recording/export?from=0&to=1` },
  'POST /api/clusters/:cluster/playback': { method: 'POST', path: `${cluster}/playback`, body: { paused: true } },
  'GET /api/clusters/:cluster/commands': { method: 'GET', path: `${cluster}/commands` },
  'POST /api/clusters/:cluster/commands': {
    method: 'POST',
    path: `${cluster}/commands`,
    body: { target: { kind: 'primaries' }, database: 0, argv: ['PING'] }
  },
  'POST /api/clusters/:cluster/commands/confirmation': {
    method: 'POST',
    path: `${cluster}/commands/confirmation`,
    body: { target: { kind: 'primaries' }, database: 0, argv: ['PING'] }
  },
  'POST /api/clusters/:cluster/hash/expiry': {
    method: 'POST',
    path: `${cluster}/hash/expiry`,
    body: { database: 0, key, field: key, expectedMs: null, deadlineMs: null }
  }
}

export function sampleOf(rule: RouteRule): RouteSample {
  const sample = samples[`${rule.method} ${rule.url}`]
  if (sample === undefined) throw new Error(`${rule.method} ${rule.url} has no sample: the rules of security are not tested for it`)
  return sample
}
