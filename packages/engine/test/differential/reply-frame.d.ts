/** Replies as trees, for comparing what has no promised order. Text is latin1: one unit per byte. */
export type ReplyTree =
  | string
  | {
      readonly kind: string
      readonly items: readonly ReplyTree[]
    }
/** One reply that begins at `start`, and where the next one begins; undefined while bytes are missing. */
export declare function readFrame(
  text: string,
  start: number
):
  | {
      readonly tree: ReplyTree
      readonly end: number
    }
  | undefined
/** The same text for the same elements in any order; with `inPairs`, for the same pairs. Also inside SCAN's pages. */
export declare function withoutOrder(tree: ReplyTree, inPairs: boolean): string
//# sourceMappingURL=reply-frame.d.ts.map
