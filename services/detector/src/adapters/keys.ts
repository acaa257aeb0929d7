/** Keys of what lies beside a partition's offset; the responder reads totals and views by the same letters. */

/** A StoredScan, with the source's key behind. */
export const SCAN = 's'
/** PartitionTotals. */
export const TOTALS = 't'
/** An incident as it stands, with its id behind. */
export const VIEW = 'i'
