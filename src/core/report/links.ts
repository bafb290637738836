/** Addresses that the CI gives: the only links in a report. */

export interface ReportLinks {
  /** The workflow run. */
  readonly run?: string;
  /** The page that people look at, which opens in a browser. */
  readonly page?: string;
  /** The run's files. */
  readonly artifact?: string;
}

const LONGEST = 2000;

/** What may stand in a link's target without ending it. */
const UNSAFE = /[^A-Za-z0-9._~:/?#@!$&'*+,;=%-]/gu;

/** Null: not an address of the web. */
const target = (url: string): string | null => {
  if (url.length > LONGEST || !/^https?:\/\/[^/?#]/i.test(url)) return null;
  return url.toWellFormed().replace(UNSAFE, (character) =>
    // encodeURIComponent leaves brackets, which would end the target.
    character === "(" ? "%28" : character === ")" ? "%29" : encodeURIComponent(character),
  );
};

/** One line of links; none where there is nothing to link to. */
export const linksLine = ({ run, page, artifact }: ReportLinks): readonly string[] => {
  const link = (text: string, url: string | undefined): readonly string[] => {
    const address = url === undefined ? null : target(url);
    // In angle brackets nothing but ">" and a line break ends a target, and both are encoded.
    return address === null ? [] : [`[${text}](<${address}>)`];
  };
  const links = [
    ...link("Look at the report", page),
    ...link("Log of the run", run),
    ...link("Its files", artifact),
  ];
  return links.length === 0 ? [] : [links.join(" · ")];
};
