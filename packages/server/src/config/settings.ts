import { z } from 'zod';
import { serverTomlSchema } from './schema.js';

/** One section of the file, as its documentation needs it. */
export interface SectionDescription {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly SettingDescription[];
}

export interface SettingDescription {
  readonly key: string;
  readonly description: string;
  /** `text`, `whole number 1–600`, `"json" or "pretty"` … */
  readonly type: string;
  readonly defaultToml: string;
}

/** Every setting there is, in the order of the schema. */
export function describeSettings(): SectionDescription[] {
  const { properties } = objectSchema.parse(z.toJSONSchema(serverTomlSchema, { io: 'input' }));
  return Object.entries(properties).map(([name, json]) => {
    const section = objectSchema.parse(json);
    const settings = Object.entries(section.properties).map(([key, property]) =>
      describeSetting(key, settingSchema.parse(property)),
    );
    return { name, description: section.description, settings };
  });
}

/** What of JSON Schema (2020-12) zod writes for this file. */
const objectSchema = z.object({
  description: z.string().default(''),
  properties: z.record(z.string(), z.unknown()),
});
const settingSchema = z.object({
  description: z.string(),
  type: z.enum(['string', 'integer', 'boolean', 'array']),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

function describeSetting(key: string, setting: z.output<typeof settingSchema>): SettingDescription {
  return {
    key,
    description: setting.description,
    type: typeText(setting),
    defaultToml: tomlText(setting.default),
  };
}

function typeText({ type, minimum, maximum, enum: values }: z.output<typeof settingSchema>): string {
  if (values !== undefined) return values.map((value) => `"${value}"`).join(', ');
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
      return `whole number ${minimum ?? ''}–${maximum ?? ''}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'list of texts';
  }
}

/** JSON of texts, numbers, booleans and lists of texts is TOML. */
function tomlText(value: string | number | boolean | readonly string[]): string {
  return Array.isArray(value)
    ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]`
    : JSON.stringify(value);
}
