/**
 * What is asked of nodes beside the stream: figures that are too restless for `core`, and on demand what a node says of itself.
 */

/**
 * GET /api/clusters/:cluster/nodes : what the watch read last of each node and `core` does not carry. Nothing is sent to the cluster for it.
 */
export type NodeReadingsAnswer = { readonly readings: readonly NodeReading[] }

export type NodeReading = {
  readonly node: string
  /** Wall clock of the api, when INFO was answered. */
  readonly atMs: number
  readonly uptimeSeconds: number | null
  /** Connections of clients now, ours included, and how many the node takes; null: it does not say. */
  readonly clients: number | null
  readonly maxClients: number | null
  /** Bytes of the replication stream: what a primary has written, what a replica has taken in. */
  readonly offsetBytes: number | null
  /** `cluster-databases`; null where it could not be read. */
  readonly databases: number | null
}

/** GET /api/clusters/:cluster/nodes/:node/info : INFO of one node, asked now, in the order of its sections. */
export type NodeInfoAnswer = {
  readonly node: string
  readonly atMs: number
  readonly sections: readonly InfoSection[]
}

export type InfoSection = {
  /** As the server heads it: `Server`, `Memory`. */
  readonly name: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** A node that a question to all of them went to; `error`: why it has no answer, in its words or ours. */
export type AskedNode = { readonly node: string; readonly atMs: number; readonly error: string | null }

/** GET /api/clusters/:cluster/nodes/settings : CONFIG GET of every node, asked now, setting by setting. */
export type NodeSettingsAnswer = {
  readonly nodes: readonly AskedNode[]
  /** By name. */
  readonly settings: readonly ComparedSetting[]
}

export type ComparedSetting = {
  readonly name: string
  /** Its value is told to nobody: only who has the same. */
  readonly isSecret: boolean
  /** One: all nodes agree. The value of most nodes is the first. */
  readonly values: readonly SettingValue[]
}

/** `hidden`: a secret that is set. `absent`: these nodes do not know the setting. */
export type SettingValue = {
  readonly kind: 'shown' | 'hidden' | 'absent'
  readonly value: string | null
  /** Places in `nodes` of the answer. Null: every node that answered and is in no other group. */
  readonly nodes: readonly number[] | null
}

/** GET /api/clusters/:cluster/nodes/users : ACL LIST of every node, asked now, user by user. No hash of a password is in it. */
export type NodeUsersAnswer = {
  readonly nodes: readonly AskedNode[]
  /** By name. */
  readonly users: readonly ComparedUser[]
}

export type ComparedUser = {
  readonly name: string
  /** One: the user is the same on all nodes, its passwords too. What most nodes have is the first. */
  readonly variants: readonly UserVariant[]
}

/** `user` null: these nodes do not have it. `nodes` as in `SettingValue`. */
export type UserVariant = { readonly user: UserRules | null; readonly nodes: readonly number[] | null }

export type UserRules = {
  readonly isOn: boolean
  /** Anybody may log in with this name. */
  readonly needsNoPassword: boolean
  /** How many passwords it has. */
  readonly passwords: number
  /** Rules as ACL SETUSER takes them; a selector is one, with its parentheses. */
  readonly rules: readonly string[]
}

/** POST /api/clusters/:cluster/nodes/users/test : ACL DRYRUN at every node. The command is not run. `argv` begins with its name. */
export type UserTestRequest = { readonly user: string; readonly argv: readonly string[] }

export type UserTestAnswer = { readonly results: readonly UserTestResult[] }

/** `refused`: why the user may not run it, in the server's words; null: it may. Both null where the node has an error. */
export type UserTestResult = AskedNode & { readonly allowed: boolean | null; readonly refused: string | null }

/** A user is made or changed by rules, or deleted. */
export type UserChange = {
  readonly user: string
  /** Words behind the name in ACL SETUSER, in order, a selector as one; null: the user is deleted. At most 500. */
  readonly rules: readonly string[] | null
  /** Ids of the nodes that it is sent to: each has users of its own. */
  readonly nodes: readonly string[]
}

/** POST /api/clusters/:cluster/nodes/users/change/preview : what a change would do, asked of each of its nodes. Nothing is changed. */
export type UserChangePreview = {
  /** As it will be sent; passwords and their hashes are hidden. */
  readonly command: readonly string[]
  /** In the order of `nodes` of the change. Those with an error are not changed. `hasAclFile` null: it does not say. */
  readonly nodes: readonly (AskedNode & { readonly hasAclFile: boolean | null })[]
  /** Nodes with the same difference stand together; most nodes first. */
  readonly differences: readonly UserDifference[]
  /** What it does to clients, to replication and to us. */
  readonly warnings: readonly string[]
  /** What has to be typed; null: nothing. */
  readonly typedName: string | null
  /** Counts once, for this change of what the nodes have now. */
  readonly nonce: string
  readonly expiresInMs: number
}

export type UserDifference = {
  /** Places in `nodes` of the preview. */
  readonly nodes: readonly number[]
  /** The user is there now. */
  readonly isThere: boolean
  /** Rules that it has and will not have, and the other way round. */
  readonly removed: readonly string[]
  readonly added: readonly string[]
  readonly passwordsRemoved: number
  readonly passwordsAdded: number
  /** Why the nodes would refuse it; null: they would not. */
  readonly problem: string | null
}

/**
 * POST /api/clusters/:cluster/nodes/users/change : changes the user at each of the nodes. 409 `NOT_CONFIRMED` when one of them has another
 * user by now than the preview showed. `save`: ACL SAVE follows where a node has an ACL file.
 */
export type UserChangeRequest = UserChange & { readonly nonce: string; readonly typedName?: string; readonly save: boolean }

export type UserChangeAnswer = { readonly results: readonly UserChangeResult[] }

/** `error`: why the node has not done it. `saved` null: it was not asked to save; `saveError`: why it has not. */
export type UserChangeResult = AskedNode & { readonly saved: boolean | null; readonly saveError: string | null }
