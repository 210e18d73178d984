/** The last millisecond of a day here, `2026-02-28`; null: that is no day. UTC milliseconds. */
export function endOfDay(day: string): number | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  const end = new Date(Number(year), Number(month) - 1, Number(date) + 1).getTime() - 1;
  return Number.isNaN(end) ? null : end;
}

/** The day of a moment here, as a date input takes it. */
export function dayOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
