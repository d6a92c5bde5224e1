import type { Provider, Type } from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core'
import { Accounts } from '../auth/accounts.ts'
import { Authentication } from '../auth/authentication.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { RoutePipeline } from './pipeline.ts'
import { ProblemFilter } from './problem-filter.ts'
import { RouteTable } from './route-table.ts'

/** What any set of controllers needs to be served: the parts, who asks, the pipeline, problems. */
export const routingOf = (parts: ApiParts, controllers: readonly Type[]): Provider[] => [
  { provide: API_PARTS, useValue: parts },
  { provide: RouteTable, useValue: new RouteTable(controllers) },
  { provide: APP_INTERCEPTOR, useClass: RoutePipeline },
  { provide: APP_FILTER, useClass: ProblemFilter },
  Accounts,
  Authentication,
]
