/** Settings of `server.toml` by table and key; merged over those of the lab. */
export type ServerSettings = Readonly<Record<string, Readonly<Record<string, TomlValue>>>>;
type TomlValue = string | number | boolean | readonly string[];

/** `server.toml` with the tables of both; where both have a key, `changes` wins. */
export function serverToml(base: ServerSettings, changes: ServerSettings): string {
  const names = [...new Set([...Object.keys(base), ...Object.keys(changes)])];
  return names
    .map((name) => {
      const table = Object.entries({ ...base[name], ...changes[name] });
      // A JSON string, number, boolean or list of strings is the same in TOML.
      return [`[${name}]`, ...table.map(([key, value]) => `${key} = ${JSON.stringify(value)}`), ''].join(
        '\n',
      );
    })
    .join('\n');
}
