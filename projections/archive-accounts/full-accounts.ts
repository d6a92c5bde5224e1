/** Rows of `accounts` that have what they may have, or more, by address after `:after`; `:quotaBytes` is the policy's (null: without a bound). */
export const FULL_ACCOUNTS = `SELECT * FROM {accounts}
  WHERE address > :after AND usedBytes > 0 AND usedBytes >= iif(ownQuota = 1, quotaBytes, :quotaBytes)
  ORDER BY address LIMIT :limit`
