import type { Node } from '../node.ts'
/**
 * Builds the dataset of a full sync beside the one that is served, from bytes as they arrive. Only when it is complete does
 * `install` put it in its place, so that a sync that breaks off has cost nothing.
 */
export declare class DatasetLoader {
  #private
  constructor(node: Node)
  get keys(): number
  get bytesRead(): number
  /** Database in which the stream goes on, as the primary says. */
  get streamDatabase(): number
  /** Takes what arrived. `end`: complete, and `takeRest` gives what followed it. */
  push(bytes: Uint8Array):
    | 'more'
    | 'end'
    | {
        readonly problem: string
      }
  /** What followed the end in the bytes of the last `push`; a view, as valid as those. */
  takeRest(): Uint8Array
  /** Puts the dataset in the place of the node's own. Whoever reads the old one must have been ended. */
  install(): void
}
//# sourceMappingURL=dataset-loader.d.ts.map
