import type { DifferentiableOp } from '../ops.ts';
import type { RuleContext } from '../rules/context.ts';
import { gelu, silu } from './activations.ts';
import { groupNorm } from './group-norm.ts';

/**
 * Rules of several nodes at once, keyed by the last of them and tried before the operator's own.
 * One that answers true has added the adjoints of what goes into the group of nodes.
 */
export const COMPOSITES: {
  readonly [Op in DifferentiableOp]?: readonly ((c: RuleContext) => boolean)[];
} = {
  Mul: [silu, gelu, groupNorm],
};
