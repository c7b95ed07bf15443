export type FieldError = { readonly message: string; readonly path: string };

/** A refusal by the stand-in, answered as Xendit answers: `{error_code, message, errors?}` (docs/xendit.md 1). */
export class Fault extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly FieldError[] | undefined;

  constructor(status: number, errorCode: string, message: string, fields?: readonly FieldError[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }
}

export type FaultBody = { error_code: string; message: string; errors?: readonly FieldError[] };

/** The body of the answer. Without field errors the key is missing, not null. */
export function faultBody(fault: Fault): FaultBody {
  const body = { error_code: fault.errorCode, message: fault.message };
  return fault.fields === undefined ? body : { ...body, errors: fault.fields };
}

/** A field that breaks the specification. The words follow the one example Xendit gives (docs/xendit.md 6.3). */
export function invalid(path: string, message: string): Fault {
  return invalidFields([{ path, message }]);
}

/** All the fields that break the specification, in one answer. */
export function invalidFields(fields: readonly FieldError[]): Fault {
  const first = fields[0] ?? { path: '/body', message: 'is invalid' };
  const place = first.message.startsWith('must have required') ? '/body' : first.path;
  return new Fault(400, 'API_VALIDATION_ERROR', `request${place} ${first.message}`, fields);
}

/** Messages below are Xendit's own, word for word (samples/errors.json). */
export const invalidApiKey = (): Fault => new Fault(401, 'INVALID_API_KEY', 'API key is not authorized for this API');
export const idNotFound = (): Fault => new Fault(404, 'DATA_NOT_FOUND', 'ID specified in request cannot be found.');
export const inactiveRequest = (): Fault =>
  new Fault(400, 'INACTIVE_PAYMENT_REQUEST', 'Payment request is already inactive.');
export const ineligibleStatus = (): Fault =>
  new Fault(
    400,
    'INELIGIBLE_TRANSACTION_STATUS',
    'Feature is not allowed for the payment request because of its current status. Check the specific error message for debugging.',
  );
