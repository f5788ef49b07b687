import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault
} from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { DatabaseNames } from './clusters/database-names.ts'
import type { KeptProfiles } from './clusters/kept-profiles.ts'
import type { ClusterRegistry } from './clusters/registry.ts'
import type { MoveQueues } from './plans/move-queues.ts'
import type { NodePlanBook } from './plans/node-plan-book.ts'
import type { PlanBook } from './plans/plan-book.ts'
import type { Accounts } from './security/accounts.ts'
import type { Audit } from './security/audit.ts'
import type { LoginLimit } from './security/login-limit.ts'
import type { LoginLinks } from './security/login-links.ts'
import type { MachineToken } from './security/machine-token.ts'
import type { Nonces } from './security/nonce.ts'
import type { Doors } from './security/origin.ts'
import type { Sessions } from './security/sessions.ts'
import type { Tickets } from './security/tickets.ts'
import type { Webhook } from './webhook/webhook.ts'

/** What the routes work with: made once by `buildApp`'s caller, so that tests can look behind the routes. */
export type ApiContext = {
  readonly clusters: ClusterRegistry
  readonly profiles: KeptProfiles
  readonly databaseNames: DatabaseNames
  readonly plans: PlanBook
  readonly nodePlans: NodePlanBook
  readonly queues: MoveQueues
  readonly sessions: Sessions
  readonly accounts: Accounts
  readonly links: LoginLinks
  readonly tickets: Tickets
  readonly nonces: Nonces
  readonly limit: LoginLimit
  readonly doors: Doors
  readonly audit: Audit
  /** Of `/metrics`; undefined: only sessions may read them. */
  readonly metricsToken: MachineToken | undefined
  /** Profiles made on screen may lead to this machine. */
  readonly allowLocalTargets: boolean
  /** No command that changes anything reaches a cluster. */
  readonly readOnly: boolean
  /** Tells another machine of problems; undefined: nobody is told. */
  readonly webhook: Webhook | undefined
  readonly now: () => number
  /** The port that browsers connect to: known once the api listens. */
  readonly port: () => number
}

/** Handlers take the types of what they are given, and of what they answer, from their schemas. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** A Fastify instance whose handlers take their types from their schemas. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, SchemaTypes>

/** Has the port in it, so that two instances on one machine do not log each other out. */
export function cookieName(context: ApiContext, request: FastifyRequest): string {
  return `${request.protocol === 'https' ? '__Host-' : ''}slotscope-${context.port()}`
}
