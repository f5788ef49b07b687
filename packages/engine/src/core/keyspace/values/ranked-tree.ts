/** What knows the bytes of members, which are numbers here: the order of two as `compareBytes`. */
export interface Members {
  compare(a: number, b: number): number
}

/**
 * Members in order of score, then bytes, each reachable by its rank: a B+ tree whose inner nodes count what is below them.
 *
 *              [ 70 | 64 | 90 ]           inner: children, the number of members in each subtree, and the first of each
 *             /      |       \
 *   [ m m m .. ]  [ m .. ]  [ m m .. ]    leaf: scores and members side by side, linked to its neighbours
 *
 * A member is the number under which somebody else keeps its bytes, so a node is two typed arrays: to insert is to move numbers, and the
 * bytes are looked at only where scores are equal. Every range query, by rank, score or bytes, becomes a range of ranks: `rankWhere` finds
 * an end of it in O(log n), and the walk between the ends follows the leaves. Up to 128 members the whole tree is one sorted array.
 */
export class RankedTree {
  readonly #members: Members
  #root: TreeNode = new Leaf(FIRST_LEAF)

  constructor(members: Members) {
    this.#members = members
  }

  get size(): number {
    return this.#root.size
  }

  /** Adds a member that is not there. */
  insert(score: number, member: number): void {
    const split = this.#insertInto(this.#root, score, member)
    if (!split) return
    const root = new Inner()
    root.put(0, this.#root)
    root.put(1, split)
    this.#root = root
  }

  /** Removes a member; false when it is not there with this score. */
  remove(score: number, member: number): boolean {
    if (!this.#removeFrom(this.#root, score, member)) return false
    while (this.#root instanceof Inner && this.#root.count === 1) this.#root = this.#root.children[0] as TreeNode
    if (this.#root.size === 0) this.#root = new Leaf(FIRST_LEAF)
    return true
  }

  /** How many stand before this score and member. */
  rankOf(score: number, member: number): number {
    let node = this.#root
    let rank = 0
    while (node instanceof Inner) {
      const number = this.#childFor(node, score, member)
      for (let child = 0; child < number; child++) rank += (node.children[child] as TreeNode).size
      node = node.children[number] as TreeNode
    }
    return rank + this.#placeIn(node, score, member)
  }

  /** How many of the first members satisfy `claim`, which must hold for a beginning of the order and for nothing after it. */
  rankWhere(claim: (score: number, member: number) => boolean): number {
    let node = this.#root
    let rank = 0
    while (node instanceof Inner) {
      // The last child whose first member satisfies the claim holds the border.
      let low = 0
      let high = node.count - 1
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if (claim(node.scores[middle] as number, node.members[middle] as number)) low = middle
        else high = middle - 1
      }
      for (let child = 0; child < low; child++) rank += (node.children[child] as TreeNode).size
      node = node.children[low] as TreeNode
    }
    let low = 0
    let high = node.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (claim(node.scores[middle] as number, node.members[middle] as number)) low = middle + 1
      else high = middle
    }
    return rank + low
  }

  /**
   * Visits members from rank `from` on, `count` at most, upwards or downwards, until `visit` returns false. The tree must
   * not change meanwhile.
   */
  visit(from: number, count: number, reverse: boolean, visit: (member: number, score: number) => boolean | undefined): void {
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
      if (visit(leaf.members[at] as number, leaf.scores[at] as number) === false) return
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

  /** Number of the child of `inner` under which this score and member belong. */
  #childFor(inner: Inner, score: number, member: number): number {
    const { scores } = inner
    let low = 0
    let high = inner.count - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = scores[middle] as number
      if (first === score ? this.#members.compare(member, inner.members[middle] as number) < 0 : score < first) high = middle - 1
      else low = middle
    }
    return low
  }

  /** Place of the first member in a leaf that does not stand before this one. */
  #placeIn(leaf: Leaf, score: number, member: number): number {
    const { scores } = leaf
    let low = 0
    let high = leaf.size
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = scores[middle] as number
      if (other === score ? this.#members.compare(leaf.members[middle] as number, member) < 0 : other < score) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Returns the new right neighbour when the node had to be split. */
  #insertInto(node: TreeNode, score: number, member: number): TreeNode | undefined {
    if (node instanceof Leaf) {
      const at = this.#placeIn(node, score, member)
      node.insert(at, score, member)
      return node.size > LEAF_MEMBERS ? splitLeaf(node, at) : undefined
    }
    const number = this.#childFor(node, score, member)
    const child = node.children[number] as TreeNode
    const split = this.#insertInto(child, score, member)
    node.size++
    node.noteFirst(number)
    if (!split) return undefined
    node.insert(number + 1, split)
    return node.count > INNER_CHILDREN ? node.split() : undefined
  }

  #removeFrom(node: TreeNode, score: number, member: number): boolean {
    if (node instanceof Leaf) {
      const at = this.#placeIn(node, score, member)
      if (at === node.size || node.members[at] !== member || node.scores[at] !== score) return false
      node.remove(at)
      if (node.size === 0) unlink(node)
      return true
    }
    const number = this.#childFor(node, score, member)
    const child = node.children[number] as TreeNode
    if (!this.#removeFrom(child, score, member)) return false
    node.size--
    if (child.size === 0) node.remove(number)
    else {
      node.noteFirst(number)
      joinNeighbours(node, number)
    }
    return true
  }
}

type TreeNode = Inner | Leaf

const LEAF_MEMBERS = 128
const INNER_CHILDREN = 64
/** Places of the leaf that a tree begins with. */
const FIRST_LEAF = 4

class Leaf {
  scores: Float64Array
  members: Int32Array
  size = 0
  previous: Leaf | undefined = undefined
  next: Leaf | undefined = undefined

  constructor(places: number) {
    this.scores = new Float64Array(places)
    this.members = new Int32Array(places)
  }

  insert(at: number, score: number, member: number): void {
    if (this.size === this.scores.length) this.#resize(Math.min(this.size * 2, LEAF_MEMBERS + 1))
    const { scores, members, size } = this
    // A loop moves a few numbers faster than `copyWithin` does.
    if (size - at > FEW) {
      scores.copyWithin(at + 1, at, size)
      members.copyWithin(at + 1, at, size)
    } else
      for (let i = size; i > at; i--) {
        scores[i] = scores[i - 1] as number
        members[i] = members[i - 1] as number
      }
    scores[at] = score
    members[at] = member
    this.size = size + 1
  }

  remove(at: number): void {
    const { scores, members, size } = this
    if (size - at > FEW) {
      scores.copyWithin(at, at + 1, size)
      members.copyWithin(at, at + 1, size)
    } else
      for (let i = at; i < size - 1; i++) {
        scores[i] = scores[i + 1] as number
        members[i] = members[i + 1] as number
      }
    this.size = size - 1
  }

  /** Adds all members of another, which stand behind. */
  append(other: Leaf): void {
    const size = this.size + other.size
    if (size > this.scores.length) this.#resize(LEAF_MEMBERS + 1)
    this.scores.set(other.scores.subarray(0, other.size), this.size)
    this.members.set(other.members.subarray(0, other.size), this.size)
    this.size = size
  }

  #resize(places: number): void {
    const scores = new Float64Array(places)
    scores.set(this.scores.subarray(0, this.size))
    const members = new Int32Array(places)
    members.set(this.members.subarray(0, this.size))
    this.scores = scores
    this.members = members
  }
}

/** Up to so many numbers are moved one by one. */
const FEW = 16

class Inner {
  readonly children: (TreeNode | undefined)[] = []
  /** The first member of each child. */
  readonly scores = new Float64Array(INNER_CHILDREN + 1)
  readonly members = new Int32Array(INNER_CHILDREN + 1)
  /** Members below. */
  size = 0

  get count(): number {
    return this.children.length
  }

  /** Sets a child behind the last. */
  put(number: number, child: TreeNode): void {
    this.children[number] = child
    this.size += child.size
    this.noteFirst(number)
  }

  /** The first member of a child may be another now. */
  noteFirst(number: number): void {
    const child = this.children[number] as TreeNode
    this.scores[number] = child.scores[0] as number
    this.members[number] = child.members[0] as number
  }

  /** Adds a child whose members are counted already. */
  insert(number: number, child: TreeNode): void {
    const { count } = this
    this.children.splice(number, 0, child)
    this.scores.copyWithin(number + 1, number, count)
    this.members.copyWithin(number + 1, number, count)
    this.noteFirst(number)
  }

  remove(number: number): void {
    this.children.splice(number, 1)
    this.scores.copyWithin(number, number + 1)
    this.members.copyWithin(number, number + 1)
  }

  /** The back half of the children, which leave this node for another. */
  split(): Inner {
    const right = new Inner()
    for (const child of this.children.splice(this.count >>> 1)) right.put(right.count, child as TreeNode)
    this.size -= right.size
    return right
  }

  append(other: Inner): void {
    for (const child of other.children) this.put(this.count, child as TreeNode)
  }
}

/** `insertedAt` tells ascending and descending insertions, which leave full leaves behind, from random ones. */
function splitLeaf(leaf: Leaf, insertedAt: number): Leaf {
  const at = insertedAt === leaf.size - 1 ? insertedAt : insertedAt === 0 ? 1 : leaf.size >>> 1
  const right = new Leaf(LEAF_MEMBERS + 1)
  right.size = leaf.size - at
  right.scores.set(leaf.scores.subarray(at, leaf.size))
  right.members.set(leaf.members.subarray(at, leaf.size))
  leaf.size = at
  right.next = leaf.next
  right.previous = leaf
  if (leaf.next) leaf.next.previous = right
  leaf.next = right
  return right
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
  if (left && fitTogether(left, child)) join(left, child, parent, number)
  else if (right && fitTogether(child, right)) join(child, right, parent, number + 1)
}

function fitTogether(left: TreeNode, right: TreeNode): boolean {
  if (left instanceof Leaf) return left.size + right.size <= LEAF_MEMBERS / 2
  return right instanceof Inner && left.count + right.count <= INNER_CHILDREN / 2
}

function join(left: TreeNode, right: TreeNode, parent: Inner, rightNumber: number): void {
  if (left instanceof Leaf && right instanceof Leaf) {
    left.append(right)
    left.next = right.next
    if (right.next) right.next.previous = left
  } else if (left instanceof Inner && right instanceof Inner) left.append(right)
  parent.remove(rightNumber)
}
