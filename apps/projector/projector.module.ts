import { Global, Module } from '@nestjs/common'
import type { DynamicModule } from '@nestjs/common'
import type { Projector } from './projector.ts'
import { PROJECTOR, VIEW_READER } from './tokens.ts'

/** Hands the running projector and its views to the other parts. Whoever composes the process starts and stops it. */
@Global()
@Module({})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
export class ProjectorModule {
  static of(projector: Projector): DynamicModule {
    return {
      module: ProjectorModule,
      providers: [
        { provide: PROJECTOR, useValue: projector },
        { provide: VIEW_READER, useValue: projector.reader },
      ],
      exports: [PROJECTOR, VIEW_READER],
    }
  }
}
