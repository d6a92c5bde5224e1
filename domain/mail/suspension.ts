/** `by` of what is held and released because its account is suspended, and is no longer: no person asked for each mail. */
export const BY_SUSPENSION = 'suspension'
