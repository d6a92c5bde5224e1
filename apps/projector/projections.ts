import type { Projection } from '#domain/kernel/projection'
import { access } from '#projections/access/projection'
import { alarms } from '#projections/alarms/projection'
import { archiveAccounts } from '#projections/archive-accounts/projection'
import { archiveIndex } from '#projections/archive-index/projection'
import { approvals } from '#projections/approvals/projection'
import { contentUse } from '#projections/content-use/projection'
import { deliveryQueue } from '#projections/delivery-queue/projection'
import { digest } from '#projections/digest/projection'
import { directory } from '#projections/directory/projection'
import { inspectionQueue } from '#projections/inspection-queue/projection'
import { mailTrace } from '#projections/mail-trace/projection'
import { quarantine } from '#projections/quarantine/projection'
import { rateWindow } from '#projections/rate-window/projection'
import { refusals } from '#projections/refusals/projection'
import { sessions } from '#projections/sessions/projection'
import { simulations } from '#projections/simulations/projection'
import { traffic } from '#projections/traffic/projection'

/** Every view there is, in the order they are run for each event. */
export const projections: readonly Projection[] = [
  directory,
  sessions,
  inspectionQueue,
  deliveryQueue,
  quarantine,
  mailTrace,
  contentUse,
  archiveIndex,
  archiveAccounts,
  traffic,
  rateWindow,
  refusals,
  access,
  digest,
  approvals,
  alarms,
  simulations,
]
