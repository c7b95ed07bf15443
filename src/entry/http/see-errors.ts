/** The detail of an answer that names fields. */
export const SEE_ERRORS = 'Some fields are missing or wrong; see errors.';
