import type { KeyEditKind, QueueWish } from '@slotscope/observer/stream'
import { EXPOSITION_TYPE } from '../metrics/exposition.ts'
import type { Answer } from './answer.ts'
import * as bulk from './bulk-answers.ts'
import * as commands from './command-answers.ts'
import * as keys from './key-answers.ts'
import * as nodes from './node-answers.ts'
import * as own from './own-answers.ts'
import * as plans from './plan-answers.ts'
import * as traffic from './traffic-answers.ts'

const cluster = '/api/clusters/:cluster'
const profileOf = '/api/profiles/:id'

const edits: Readonly<Record<KeyEditKind, string>> = {
  'string-set': 'Writes a string anew; its time to live stays.',
  'string-range': 'Writes some bytes of a string.',
  'hash-set': 'Sets a field; its deadline stays.',
  'hash-delete': 'Deletes fields.',
  'hash-deadlines': 'Changes the deadline of fields.',
  'list-set': 'Sets an element of a list.',
  'list-push': 'Adds elements to an end of a list.',
  'list-remove': 'Takes one element out of a list.',
  'list-remove-value': 'Takes elements of a value out of a list.',
  'set-add': 'Adds members to a set.',
  'set-remove': 'Takes members out of a set.',
  'set-replace': 'Puts a member in the place of another.',
  'zset-set': 'Sets the score of a member.',
  'zset-remove': 'Takes members out of a sorted set.',
  'stream-add': 'Adds an entry to a stream.',
  'stream-delete': 'Deletes entries of a stream.',
  'stream-ack': 'Acknowledges entries that a group was given.',
  'stream-group-create': 'Makes a group of a stream.',
  'stream-group-start': 'Says after which entry a group goes on.',
  'stream-group-destroy': 'Deletes a group, with what its consumers hold.',
  'stream-consumer-delete': 'Deletes a consumer of a group, with what it holds.',
  create: 'Makes a key that is not there.',
  delete: 'Deletes a key.',
  expiry: 'Changes the deadline of a key.',
  rename: 'Renames a key within its slot.',
  copy: 'Copies or moves a key to another database.',
  import: 'Restores a serialised value.'
}

const wishes: Readonly<Record<QueueWish, string>> = {
  stop: 'Finishes the move that runs and starts no more.',
  retry: 'Sends the moves that failed once more and goes on.',
  skip: 'Leaves out the moves that failed and goes on.'
}

/** What each route is for and what it answers, by `METHOD address`. Every route of the api stands here, and nothing else. */
export const answers: Readonly<Record<string, Answer>> = {
  'GET /healthz': { says: 'The process answers.', body: own.alive },
  'GET /healthz/ready': { says: 'Whether every cluster is seen: 200, else 503 with the same body.', body: own.readiness },
  'GET /metrics': { says: 'Figures for Prometheus; also with the token of the metrics as a bearer.', type: EXPOSITION_TYPE },
  'GET /api/docs': { says: 'This, to be read.', type: 'text/html; charset=utf-8' },
  'GET /api/docs/style.css': { says: 'How it looks.', type: 'text/css; charset=utf-8' },
  'GET /api/docs/openapi.json': { says: 'This, for machines: OpenAPI 3.1.' },

  'GET /api/session': { says: 'Who is logged in, and what there is to see.', body: own.session },
  'POST /api/login': { says: 'Logs in by a link, once, and sets the cookie of the session.', body: own.session },
  'POST /api/login/password': { says: 'Logs in by name and password.', body: own.session },
  'POST /api/logout': { says: 'Ends the session and its streams.', status: 204 },
  'POST /api/ticket': { says: 'Opens one stream, within 30 seconds, from the page that asked.', body: own.ticket },

  'GET /api/accounts': { says: 'Who may log in by name.', body: own.accounts },
  'POST /api/accounts': { says: 'Makes an account.', status: 201, body: own.account },
  'POST /api/accounts/:name/role': { says: 'Changes a role; the sessions of the account end.', status: 204 },
  'POST /api/accounts/:name/removal': { says: 'What would be removed, and the nonce to do it.', body: own.accountRemoval },
  'DELETE /api/accounts/:name': { says: 'Removes an account, with the nonce and its name.', status: 204 },
  'GET /api/audit': { says: 'Lines of the audit that fit, newest first.', body: own.audit },
  'GET /api/audit/export': { says: 'Every line of the audit that fits, oldest first, as a file.', type: 'text/csv; charset=utf-8' },
  'GET /api/audit/verify': { says: 'Whether the chain of the audit holds.', body: own.auditVerdict },

  'GET /api/clusters': { says: 'The clusters that there are.', body: own.clusterList },
  'GET /api/profiles': { says: 'How the clusters are reached; no secret is told.', body: own.profiles },
  'POST /api/profiles': { says: 'Adds a cluster.', status: 201, body: own.profile },
  'POST /api/profiles/test': { says: 'Tries the seeds and every node that they announce.', body: own.profileTest },
  [`POST ${profileOf}/test`]: { says: 'The same for a cluster that is watched.', body: own.profileTest },
  [`PUT ${profileOf}`]: { says: 'Changes how a cluster is reached.', body: own.profile },
  [`POST ${profileOf}/removal`]: { says: 'What would be removed, and the nonce to do it.', body: own.profileRemoval },
  [`DELETE ${profileOf}`]: { says: 'Removes a cluster from what is watched, with the nonce and its name.', status: 204 },

  [`GET ${cluster}/stream`]: {
    says: 'The stream: a WebSocket with the subprotocols `slotscope, ticket.<ticket>`; its frames are described in the README.',
    status: 101
  },
  [`POST ${cluster}/plans`]: { says: 'Makes a plan of moves; the cluster is only read.', body: plans.plan },
  [`POST ${cluster}/plans/:planId/confirm`]: { says: 'Confirms it by its id: its moves are queued.', body: plans.confirmed },
  [`DELETE ${cluster}/plans/:planId`]: { says: 'Takes a plan away.', status: 204 },
  [`POST ${cluster}/node-plans`]: { says: 'Makes a plan for nodes; the cluster is only read.', body: plans.nodePlan },
  [`POST ${cluster}/node-plans/:planId/confirm`]: { says: 'Confirms it; answers when its first step was answered.', body: plans.nodeDeed },
  [`DELETE ${cluster}/node-plans/:planId`]: { says: 'Takes a plan away.', status: 204 },
  [`GET ${cluster}/nodes`]: { says: 'What the watch read last of each node; nothing is asked of the cluster.', body: nodes.readings },
  [`GET ${cluster}/nodes/settings`]: { says: 'CONFIG GET of every node, compared; secrets are not told.', body: nodes.settings },
  [`GET ${cluster}/nodes/users`]: { says: 'ACL LIST of every node, compared; no hash of a password is told.', body: nodes.users },
  [`POST ${cluster}/nodes/users/test`]: { says: 'Whether a user may run a command, by ACL DRYRUN at every node.', body: nodes.userTest },
  [`POST ${cluster}/nodes/users/change/preview`]: {
    says: 'What a change of a user would do at each node, and the nonce to do it; nothing is changed.',
    body: nodes.userChangePreview
  },
  [`POST ${cluster}/nodes/users/change`]: {
    says: 'Makes, changes or deletes a user at each of the nodes (ACL SETUSER, ACL DELUSER).',
    body: nodes.userChange
  },
  [`GET ${cluster}/nodes/:node/info`]: { says: 'INFO of one node, asked now, by section.', body: nodes.info },
  [`GET ${cluster}/clients`]: { says: 'CLIENT LIST of every node, asked now; at most 20,000 connections.', body: traffic.clients },
  [`POST ${cluster}/clients/kill`]: {
    says: 'Ends connections; links of nodes and our own only with their address typed.',
    body: traffic.killed
  },
  [`GET ${cluster}/command-logs`]: {
    says: 'Slow commands, large requests or large replies of every node, newest first.',
    body: traffic.commandLog
  },
  [`POST ${cluster}/command-logs/reset`]: { says: 'Empties one of these logs of every node.', body: traffic.logReset },
  [`GET ${cluster}/command-stats`]: { says: 'INFO commandstats and errorstats of every node, node by node.', body: traffic.commandStats },
  [`GET ${cluster}/latency`]: { says: 'LATENCY HISTOGRAM of every node, added up, or of one; and LATENCY LATEST.', body: traffic.latency },
  [`GET ${cluster}/latency/history`]: { says: 'LATENCY HISTORY of one event of one node.', body: traffic.latencyHistory },
  [`GET ${cluster}/memory`]: { says: 'MEMORY STATS and INFO memory of every node, by part.', body: traffic.memory },
  [`GET ${cluster}/pubsub`]: { says: 'Channels and sharded channels with their subscribers, over all nodes.', body: traffic.pubSub },
  [`POST ${cluster}/pubsub/listeners`]: {
    says: 'Begins to listen to a channel or a pattern; what this session listened to before ends.',
    body: traffic.listens
  },
  [`GET ${cluster}/pubsub/listeners/:listener`]: { says: 'The latest messages, and how many there were.', body: traffic.heard },
  [`DELETE ${cluster}/pubsub/listeners/:listener`]: { says: 'Stops listening.', status: 204 },
  [`POST ${cluster}/nodes/:node/cancel-exports`]: { says: 'Cancels every running export of a node.', body: plans.cancelled },
  [`POST ${cluster}/jobs/:name/acknowledge`]: { says: 'Takes note of an unclear outcome.', status: 204 },
  ...each(wishes, (wish) => `POST ${cluster}/queues/:planId/${wish}`, { status: 204 }),

  [`GET ${cluster}/slots/:slot`]: { says: 'What one slot holds.', body: keys.slotContents },
  [`POST ${cluster}/slots/keys`]: { says: 'Keys by slot and database; at most 10,000 counts.', body: keys.slotKeys },
  [`PUT ${cluster}/databases/:database/name`]: {
    says: 'What people call a database, for all who look; empty: its number alone.',
    status: 204
  },
  [`POST ${cluster}/keys/scan`]: { says: 'One page of keys; at most 20 commands.', body: keys.scanned },
  [`POST ${cluster}/keys/details`]: { says: 'Type, expiry and size of some keys.', body: keys.details },
  [`POST ${cluster}/keys/sample`]: { says: 'Keys drawn at random, each with the memory that it takes; at most 100.', body: keys.sampled },
  [`GET ${cluster}/keys/value`]: { says: 'One page of a value.', body: keys.value },
  [`GET ${cluster}/keys/stream`]: { says: 'What a stream holds beside its entries.', body: keys.stream },
  [`GET ${cluster}/keys/stream/pending`]: { says: 'Entries that were given to consumers and not acknowledged.', body: keys.pending },
  [`GET ${cluster}/keys/everywhere`]: { says: 'One key, looked up in every database.', body: keys.everywhere },
  [`GET ${cluster}/keys/dump`]: { says: 'A serialised value.', body: keys.dumped },
  [`POST ${cluster}/keys/export`]: { says: 'Some keys for a file; at most 200.', body: bulk.exported },
  [`POST ${cluster}/keys/deletion`]: { says: 'What is to be typed to delete so many keys, and the nonce.', body: bulk.deletion },
  [`POST ${cluster}/keys/delete`]: { says: 'Deletes keys that were confirmed; at most 1,000 in one part.', body: bulk.deleted },
  [`POST ${cluster}/keys/import`]: { says: 'Makes keys of a file; at most 200.', body: bulk.imported },
  ...each(edits, (kind) => `POST ${cluster}/keys/edit/${kind}`, { body: keys.edited }),
  [`GET ${cluster}/commands`]: { says: 'What the servers can do, and what this role may send.', body: commands.commandsKnown },
  [`POST ${cluster}/commands`]: {
    says: 'Sends one command to a node, to the owner of a key, or to many nodes.',
    body: commands.commandResults
  },
  [`POST ${cluster}/commands/confirmation`]: {
    says: 'What a command would destroy, and the nonce to send it.',
    body: commands.commandConfirmation
  },
  [`POST ${cluster}/hash/expiry`]: { says: 'Changes the deadline of one field.', body: keys.fieldExpiry },

  [`GET ${cluster}/recording`]: { says: 'What is recorded of the past.', body: own.recording },
  [`GET ${cluster}/recording/frames`]: { says: 'Frames of a range, one JSON object per line.', type: 'application/x-ndjson' },
  [`GET ${cluster}/recording/export`]: { says: 'A file of a range.', type: 'application/gzip' },
  [`POST ${cluster}/probe`]: { says: 'Starts or stops measuring what clients notice.', status: 204 },
  [`POST ${cluster}/playback`]: { says: 'Goes to an instant of a recording that is played.', body: own.playback }
}

function each(words: Readonly<Record<string, string>>, address: (word: string) => string, answer: Omit<Answer, 'says'>) {
  return Object.fromEntries(Object.entries(words).map(([word, says]) => [address(word), { says, ...answer }]))
}
