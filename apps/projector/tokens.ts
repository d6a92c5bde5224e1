/** The `Projector`. */
export const PROJECTOR = Symbol('Projector')
/** Its `ViewReader`. */
export const VIEW_READER = Symbol('ViewReader')
