const SECRET_NAME = /(^|[_-])(api[_-]?key|key|token|secret|passw(or)?d|pwd|credentials?|auth(orization)?)$/i;
/** Forms of well-known keys: OpenAI and Anthropic, GitHub, AWS, Slack, Google, private keys. */
const SECRET_VALUE =
  /^(Bearer\s+)?(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[A-Z0-9]{12,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|hf_\w{20,})|-----BEGIN [A-Z ]*PRIVATE KEY/;
const HARMLESS =
  /^$|^(test|dummy|fake|none|stub|unused|example|placeholder|changeme|x+|squall)([-_].*)?$|\{\{/i;

/** Is this a real secret, by its name or its form? Dummies and {{…}} are not. */
export const looksSecret = (name: string, value: string): boolean =>
  SECRET_VALUE.test(value) || (SECRET_NAME.test(name) && !HARMLESS.test(value) && value.length >= 8);
