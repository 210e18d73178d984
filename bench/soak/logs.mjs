/**
 * Lines of a process's log by level; those of errors as they are.
 * @param {string} output
 */
export function logged(output) {
  const lines = output.split('\n');
  return {
    lines: lines.length,
    errors: lines.filter((line) => /\b(ERROR|FATAL|error|fatal|panicked)\b/.test(line)),
  };
}
