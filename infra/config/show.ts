import type { Config, Origin, Origins } from './load.ts'
import { mask } from './secrecy.ts'
import { environmentName, type Setting, SETTING_KEYS, SETTINGS, type SettingKey } from './settings.ts'

export interface ShownSetting {
  readonly key: SettingKey
  /** The variable that would set it. */
  readonly variable: string
  /** The effective value as text, secrets masked; what happens by default when there is none. */
  readonly value: string
  readonly origin: Origin
  readonly meaning: string
}

/** Every setting with its effective value and where that came from. */
export function showConfig(config: Config, origins: Origins): readonly ShownSetting[] {
  return SETTING_KEYS.map((key) => {
    const setting: Setting<unknown> = SETTINGS[key]
    const value = valueAt(config, key)
    return {
      key,
      variable: environmentName(key),
      value: value === null ? `(${'says' in setting.default ? setting.default.says : 'none'})` : shown(setting, value),
      origin: origins[key],
      meaning: setting.meaning,
    }
  })
}

function shown(setting: Setting<unknown>, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(',')
  return mask(setting.secrecy, String(value))
}

function valueAt(config: Config, key: SettingKey): unknown {
  return key.split('.').reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)[name], config)
}
