/** What of an OpenAPI document has names. */
interface WithSchemas {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

const suffix = 'Input';
const reference = /"#\/components\/schemas\/([^"]+)"/g;

/**
 * Leaves out the schemas that nothing refers to, and calls what is only ever sent by its plain name: `NewClientInput`
 * becomes `NewClient` unless answers have a `NewClient` of their own.
 */
export function tidyComponents<Document extends object>(document: Document): Document {
  const { components }: WithSchemas = document;
  const schemas = components?.schemas ?? {};
  const used = usedSchemas({ ...document, components: undefined }, schemas);
  const plain = (name: string): string => {
    const short = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    return used.has(short) ? name : short;
  };
  const kept = Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [plain(name), schema]),
  );
  const tidy = { ...document, components: { ...components, schemas: kept } };
  const text = JSON.stringify(tidy).replaceAll(
    reference,
    (_whole, name: string) => `"#/components/schemas/${plain(name)}"`,
  );
  return JSON.parse(text) as Document;
}

/** Names that `start` refers to, or that those refer to. */
function usedSchemas(start: unknown, schemas: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const used = new Set<string>();
  const queue: unknown[] = [start];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const [, name = ''] of JSON.stringify(next).matchAll(reference)) {
      if (used.has(name)) continue;
      used.add(name);
      queue.push(schemas[name]);
    }
  }
  return used;
}
