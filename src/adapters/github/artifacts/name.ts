import { plainText } from "../../../core/report/plain-text.ts";

/** A name that GitHub takes for an artifact: it may be unpacked on any file system. Of such a name it is the same name. */
export const artifactName = (text: string): string =>
  plainText(text, 200)
    .replaceAll(/[":<>|*?\\/]/g, "-")
    .replaceAll(/\s+/g, "-");
