import { type Tensor, tf } from '../tf.ts'

/**
 * Joins the channels of each group by log-sum-exp, so that the softmax of the result adds up the probabilities of
 * the group's members: x [..., C] → [..., names.length]. Channel c belongs to the group named `groups[c]`; groups
 * come out in the order of `names`, and channels of other groups are left out.
 */
export function foldScores(x: Tensor, groups: readonly number[], names: readonly number[]): Tensor {
  return foldChannels(x, groups, names, (members) => tf.logSumExp(members, -1, true))
}

/** The same with sums, for probabilities and one-hot labels. */
export function foldSums(x: Tensor, groups: readonly number[], names: readonly number[]): Tensor {
  return foldChannels(x, groups, names, (members) => tf.sum(members, -1, true))
}

/** The different entries of `groups`, in ascending order. */
export const groupNames = (groups: readonly number[]): number[] => [...new Set(groups)].sort((a, b) => a - b)

/** Whether every channel is a group of its own. */
export const isIdentity = (groups: readonly number[]): boolean => groups.every((group, c) => group === c)

/** Every channel a group of its own. */
export const identityGroups = (channels: number): number[] => Array.from({ length: channels }, (_, c) => c)

function foldChannels(
  x: Tensor,
  groups: readonly number[],
  names: readonly number[],
  join: (members: Tensor) => Tensor,
): Tensor {
  if (names.length === groups.length && isIdentity(groups)) return x
  const channels = tf.split(x, groups.length, -1)
  const folded = names.map((name) => {
    const members = channels.filter((_, c) => groups[c] === name)
    return members.length === 1 ? members[0]! : join(tf.concat(members, -1))
  })
  return folded.length === 1 ? folded[0]! : tf.concat(folded, -1)
}
