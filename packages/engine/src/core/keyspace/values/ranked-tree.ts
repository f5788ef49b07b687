import { compareBytes } from '../../bytes.ts'

/**
 * Members in order of score, then bytes, each reachable by its rank: a B+ tree whose inner nodes count what is below them.
 *
 *              [ 70 | 64 | 90 ]           inner: children and the number of members in each subtree
 *             /      |       \
 *   [ m m m .. ]  [ m .. ]  [ m m .. ]    leaf: scores and members side by side, linked to its neighbours
 *
 * Every range query, by rank, score or bytes, becomes a range of ranks: `rankWhere` finds an end of it in O(log n), and the
 * walk between the ends follows the leaves. Up to 128 members the whole tree is one sorted array.
 */
export class RankedTree {
  #root: TreeNode = new Leaf()

  get size(): number {
    return this.#root.size
  }

  /** Adds a member that is not there. `member` is kept as it is. */
  insert(score: number, member: Uint8Array): void {
    const split = insertInto(this.#root, score, member)
    if (split) this.#root = new Inner([this.#root, split])
  }

  /** Removes a member; false when it is not there with this score. */
  remove(score: number, member: Uint8Array): boolean {
    if (!removeFrom(this.#root, score, member)) return false
    while (this.#root instanceof Inner && this.#root.children.length === 1) this.#root = this.#root.children[0] as TreeNode
    if (this.#root.size === 0) this.#root = new Leaf()
    return true
  }

  /** How many stand before this score and member. */
  rankOf(score: number, member: Uint8Array): number {
    return this.rankWhere((otherScore, otherMember) => isBefore(otherScore, otherMember, score, member))
  }

  /** How many of the first members satisfy `claim`, which must hold for a beginning of the order and for nothing after it. */
  rankWhere(claim: (score: number, member: Uint8Array) => boolean): number {
    let node = this.#root
    let rank = 0
    while (node instanceof Inner) {
      // The last child whose first member satisfies the claim holds the border.
      let low = 0
      let high = node.children.length - 1
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        const first = firstLeaf(node.children[middle] as TreeNode)
        if (claim(first.scores[0] as number, first.members[0] as Uint8Array)) low = middle
        else high = middle - 1
      }
      for (let child = 0; child < low; child++) rank += (node.children[child] as TreeNode).size
      node = node.children[low] as TreeNode
    }
    let low = 0
    let high = node.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (claim(node.scores[middle] as number, node.members[middle] as Uint8Array)) low = middle + 1
      else high = middle
    }
    return rank + low
  }

  /**
   * Visits members from rank `from` on, `count` at most, upwards or downwards, until `visit` returns false. The tree must
   * not change meanwhile.
   */
  visit(from: number, count: number, reverse: boolean, visit: (member: Uint8Array, score: number) => boolean | undefined): void {
    if (from < 0 || from >= this.size || count <= 0) return
    let node = this.#root
    let at = from
    while (node instanceof Inner) {
      let child = 0
      while (at >= (node.children[child] as TreeNode).size) at -= (node.children[child++] as TreeNode).size
      node = node.children[child] as TreeNode
    }
    let leaf: Leaf | undefined = node
    for (let left = count; leaf && left > 0; left--) {
      if (visit(leaf.members[at] as Uint8Array, leaf.scores[at] as number) === false) return
      if (reverse) {
        if (--at < 0) {
          leaf = leaf.previous
          at = leaf ? leaf.size - 1 : 0
        }
      } else if (++at === leaf.size) {
        leaf = leaf.next
        at = 0
      }
    }
  }
}

type TreeNode = Inner | Leaf

const LEAF_MEMBERS = 128
const INNER_CHILDREN = 64

class Leaf {
  scores: number[] = []
  members: Uint8Array[] = []
  previous: Leaf | undefined = undefined
  next: Leaf | undefined = undefined

  get size(): number {
    return this.members.length
  }
}

class Inner {
  children: TreeNode[]
  size: number

  constructor(children: TreeNode[]) {
    this.children = children
    this.size = totalSize(children)
  }
}

function totalSize(children: readonly TreeNode[]): number {
  let size = 0
  for (const child of children) size += child.size
  return size
}

function firstLeaf(node: TreeNode): Leaf {
  let at = node
  while (at instanceof Inner) at = at.children[0] as TreeNode
  return at
}

function isBefore(score: number, member: Uint8Array, otherScore: number, otherMember: Uint8Array): boolean {
  return score === otherScore ? compareBytes(member, otherMember) < 0 : score < otherScore
}

/** Number of the child of `inner` under which this score and member belong. */
function childFor(inner: Inner, score: number, member: Uint8Array): number {
  let low = 0
  let high = inner.children.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    const first = firstLeaf(inner.children[middle] as TreeNode)
    if (isBefore(score, member, first.scores[0] as number, first.members[0] as Uint8Array)) high = middle - 1
    else low = middle
  }
  return low
}

/** Place of the first member in a leaf that does not stand before this one. */
function placeIn(leaf: Leaf, score: number, member: Uint8Array): number {
  let low = 0
  let high = leaf.size
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(leaf.scores[middle] as number, leaf.members[middle] as Uint8Array, score, member)) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns the new right neighbour when the node had to be split. */
function insertInto(node: TreeNode, score: number, member: Uint8Array): TreeNode | undefined {
  if (node instanceof Leaf) {
    const at = placeIn(node, score, member)
    node.scores.splice(at, 0, score)
    node.members.splice(at, 0, member)
    return node.size > LEAF_MEMBERS ? splitLeaf(node, at) : undefined
  }
  const number = childFor(node, score, member)
  const split = insertInto(node.children[number] as TreeNode, score, member)
  node.size++
  if (!split) return undefined
  node.children.splice(number + 1, 0, split)
  if (node.children.length <= INNER_CHILDREN) return undefined
  const right = new Inner(node.children.splice(node.children.length >>> 1))
  node.size -= right.size
  return right
}

/** `insertedAt` tells ascending and descending insertions, which leave full leaves behind, from random ones. */
function splitLeaf(leaf: Leaf, insertedAt: number): Leaf {
  const at = insertedAt === leaf.size - 1 ? insertedAt : insertedAt === 0 ? 1 : leaf.size >>> 1
  const right = new Leaf()
  right.scores = leaf.scores.splice(at)
  right.members = leaf.members.splice(at)
  right.next = leaf.next
  right.previous = leaf
  if (leaf.next) leaf.next.previous = right
  leaf.next = right
  return right
}

function removeFrom(node: TreeNode, score: number, member: Uint8Array): boolean {
  if (node instanceof Leaf) {
    const at = placeIn(node, score, member)
    const found = node.members[at]
    if (!found || node.scores[at] !== score || compareBytes(found, member) !== 0) return false
    node.scores.splice(at, 1)
    node.members.splice(at, 1)
    if (node.size === 0) unlink(node)
    return true
  }
  const number = childFor(node, score, member)
  if (!removeFrom(node.children[number] as TreeNode, score, member)) return false
  node.size--
  if ((node.children[number] as TreeNode).size === 0) node.children.splice(number, 1)
  else joinNeighbours(node, number)
  return true
}

/** Takes an emptied leaf out of the chain; its ancestors drop it, since their size says that nothing is below. */
function unlink(leaf: Leaf): void {
  if (leaf.previous) leaf.previous.next = leaf.next
  if (leaf.next) leaf.next.previous = leaf.previous
}

/** Joins a child that became small with a neighbour, when both together are no more than half full. */
function joinNeighbours(parent: Inner, number: number): void {
  const { children } = parent
  const child = children[number] as TreeNode
  const left = children[number - 1]
  const right = children[number + 1]
  if (left && fitTogether(left, child)) join(left, child, children, number)
  else if (right && fitTogether(child, right)) join(child, right, children, number + 1)
}

function fitTogether(left: TreeNode, right: TreeNode): boolean {
  if (left instanceof Leaf) return left.size + right.size <= LEAF_MEMBERS / 2
  return right instanceof Inner && left.children.length + right.children.length <= INNER_CHILDREN / 2
}

function join(left: TreeNode, right: TreeNode, siblings: TreeNode[], rightNumber: number): void {
  if (left instanceof Leaf && right instanceof Leaf) {
    for (const score of right.scores) left.scores.push(score)
    for (const member of right.members) left.members.push(member)
    left.next = right.next
    if (right.next) right.next.previous = left
  } else if (left instanceof Inner && right instanceof Inner) {
    for (const child of right.children) left.children.push(child)
    left.size += right.size
  }
  siblings.splice(rightNumber, 1)
}
