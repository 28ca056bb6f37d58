// How a check ends: every finding on a line of its own and exit code 1, or one line saying what was looked at.

/**
 * @param {string} check name of the check
 * @param {string[]} findings one sentence each, with the file in front
 * @param {string} looked what was examined, with numbers
 */
export function report(check, findings, looked) {
  for (const finding of findings) console.error(`${check}: ${finding}`);
  if (findings.length > 0) {
    console.error(`${check}: ${findings.length} finding${findings.length === 1 ? '' : 's'} (${looked})`);
    process.exitCode = 1;
  } else {
    console.log(`${check}: ok (${looked})`);
  }
}
