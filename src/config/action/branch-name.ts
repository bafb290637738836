/**
 * Whether git takes a text as the name of a branch or tag (git-check-ref-format), and no command could take it for an option.
 * Commits in hexadecimal are among them.
 */
export const isBranchName = (text: string): boolean =>
  text.length > 0 &&
  text.length <= 250 &&
  !/[\p{Cc}\p{Cf}\s~^:?*[\\]/u.test(text) &&
  !/^[-/]|\/$|\.$|\.\.|\/\/|@\{|^@$/.test(text) &&
  !text.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock"));
