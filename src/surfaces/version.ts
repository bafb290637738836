import manifest from "../../package.json" with { type: "json" };

/** The version of package.json; the bundler puts it in as text. */
export const VERSION: string = manifest.version;
