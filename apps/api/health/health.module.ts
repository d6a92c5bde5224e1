import { type DynamicModule, Module } from '@nestjs/common'
import type { ApiParts } from '../parts.ts'
import { routingOf } from '../route/routing.ts'
import { HealthController } from './health.controller.ts'

/** For a process without the role `api`: whoever watches it still learns how it is. */
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
export class HealthModule {
  static over(parts: ApiParts): DynamicModule {
    const controllers = [HealthController]
    return { module: HealthModule, controllers, providers: routingOf(parts, controllers) }
  }
}
