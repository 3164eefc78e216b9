/** A peer sent more than the limits allow, or bytes that are not in the expected form. The stream is of no more use. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}
