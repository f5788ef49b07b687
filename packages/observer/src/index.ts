/** A cluster, watched: replies in through a `Caller`, one versioned stream of its state out. The stream itself is `observer/stream`. */
export * from './caller.ts'
export type { JobIntent } from './feed/jobs.ts'
export type { ShardLabel, ShardLabels } from './feed/labels.ts'
export { Feed, type FeedOptions, type FeedUpdate } from './feed.ts'
export { askPlanFacts, type KeysOfMove, type PlanFacts, type PlanNodeFacts } from './plan/plan-facts.ts'
export { compareWithPlan, makePlan, PLAN_LIFE_MS, type PlanMaker, type PlanRefusal } from './plan.ts'
export { type JobReport, parseSlotMigrations } from './replies/slot-migrations.ts'
export { parseSlotStats, type SlotStat } from './replies/slot-stats.ts'
