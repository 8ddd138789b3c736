/** What can go wrong with an ONNX file or session; `message` is one line and says what to do. */
export type OnnxErrorCode =
  | 'not-found'
  | 'not-onnx'
  | 'external-data'
  | 'dtype'
  | 'too-large'
  | 'provider'
  | 'session'
  | 'feeds';

/** Any failure of this folder's functions. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly code: OnnxErrorCode;

  constructor(code: OnnxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for an {@link OnnxError}, also one from another copy of this module. */
export function isOnnxError(error: unknown): error is OnnxError {
  return error instanceof Error && error.name === 'OnnxError';
}
