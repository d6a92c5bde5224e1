import type { Type } from '@nestjs/common'
import { fullPath, ROUTE, type RouteSpec, type Verb } from './route.ts'

/** All routes that controllers serve, read from their decorators: for OpenAPI, 405 answers and the role matrix. */
export class RouteTable {
  readonly routes: readonly RouteSpec[]
  readonly #patterns: readonly { readonly verb: Verb; readonly pattern: RegExp }[]

  constructor(controllers: readonly Type[]) {
    this.routes = controllers.flatMap(routesOf)
    this.#patterns = this.routes.map((spec) => ({
      verb: spec.verb,
      pattern: new RegExp(`^${fullPath(spec).replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
    }))
  }

  verbsAt(path: string): readonly Verb[] {
    return this.#patterns.filter(({ pattern }) => pattern.test(path)).map(({ verb }) => verb)
  }
}

function routesOf(controller: Type): RouteSpec[] {
  const prototype = controller.prototype as Record<string, unknown>
  return Object.getOwnPropertyNames(prototype)
    .map((name) => prototype[name])
    .filter((method) => typeof method === 'function')
    .map((method) => Reflect.getMetadata(ROUTE, method) as RouteSpec | undefined)
    .filter((spec) => spec !== undefined)
}
