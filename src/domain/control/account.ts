/** The merchant's own account at Xendit. A sub-account is named by its id; nothing is charged for one yet. */
export const OWN_ACCOUNT = '';
