/** Why a vector-Jacobian product cannot be built. */
export type AutodiffErrorCode =
  | 'unknown-name' // `of`, `wrt` or `keep` names nothing in the graph
  | 'unsupported-op' // an operator that has no rule, on a path that needs one
  | 'not-differentiable' // no differentiable path from `wrt` to `of`
  | 'shape' // a shape that a rule needs is not known
  | 'opset'; // an operator set that is too old

/** Names the operator and the node at fault (empty where it is the whole model). */
export class AutodiffError extends Error {
  override readonly name = 'AutodiffError';
  readonly code: AutodiffErrorCode;
  /** Operator, as `Conv` or `com.microsoft.NhwcConv`. */
  readonly op: string;
  /** The node's name, or its first output where it has none. */
  readonly node: string;

  constructor(code: AutodiffErrorCode, message: string, at: { op?: string; node?: string } = {}) {
    super(message);
    this.code = code;
    this.op = at.op ?? '';
    this.node = at.node ?? '';
  }
}

/** True for an {@link AutodiffError}, also one from another copy of this module. */
export function isAutodiffError(error: unknown): error is AutodiffError {
  return error instanceof Error && error.name === 'AutodiffError';
}
