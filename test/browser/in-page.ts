/** What is asked inside of a page. Each function is sent there as text: it may use its argument and the page's own globals alone. */

/** As much of a DOM as is asked for here; the project's types know of no browser. */
interface Element {
  readonly tagName: string;
  readonly id: string;
  readonly textContent: string;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
  readonly outerHTML: string;
  readonly parentElement: Element | null;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  open?: boolean;
  text?: string;
  src?: string;
  hash?: string;
  append(child: Element): void;
  closest(selector: string): Element | null;
  getAttribute(name: string): string | null;
  matches(selector: string): boolean;
  querySelectorAll(selector: string): Iterable<Element>;
}

declare const document: {
  readonly documentElement: Element;
  readonly body: Element;
  readonly activeElement: Element | null;
  createElement(name: string): Element;
  getElementById(id: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  addEventListener(name: string, listen: (event: { readonly effectiveDirective: string }) => void): void;
};
declare const getComputedStyle: (element: Element) => Readonly<Record<string, string>>;
declare const window: { ran?: boolean };

/** Opens every fold. */
export const unfoldAll = (): void => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
};

/** How much wider than its window the page is, in pixels; by what. */
export const overflow = (): readonly string[] => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [`${scrollWidth - clientWidth} px`];
};

/** Links within the page that lead nowhere. */
export const deadLinks = (): readonly string[] =>
  [...document.querySelectorAll("a")]
    .filter(({ hash }) => hash === undefined || document.getElementById(hash.slice(1)) === null)
    .map(({ outerHTML }) => outerHTML);

/** Levels in order of the document. */
export const headingLevels = (): readonly number[] =>
  [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(({ tagName }) => Number(tagName.slice(1)));

/** What a reader must be able to reach by Tab: links, folds, and what scrolls. */
export const toReach = (): readonly string[] => {
  const scrolls = (element: Element): boolean => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const across = /auto|scroll/.test(overflowX ?? "") && element.scrollWidth > element.clientWidth;
    const down = /auto|scroll/.test(overflowY ?? "") && element.scrollHeight > element.clientHeight;
    return across || down;
  };
  return [...document.querySelectorAll("body *")].flatMap((element, place) =>
    element.matches("a,summary") || scrolls(element) ? [`${place} ${element.outerHTML.slice(0, 200)}`] : [],
  );
};

export interface Focused {
  /** As in `toReach`; "": the page itself has the focus. */
  readonly element: string;
  readonly outline: string;
  readonly isClosedFold: boolean;
}

export const focused = (): Focused => {
  const element = document.activeElement;
  if (element === null || element === document.body) return { element: "", outline: "", isClosedFold: false };
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const place = [...document.querySelectorAll("body *")].indexOf(element);
  return {
    element: `${place} ${element.outerHTML.slice(0, 200)}`,
    outline: `${outlineStyle} ${outlineWidth}`,
    isClosedFold: element.tagName === "SUMMARY" && element.parentElement?.open === false,
  };
};

/** What hides a part of itself, though nobody can scroll it on paper. */
export const clipped = (): readonly string[] =>
  [...document.querySelectorAll("body *")]
    .filter((element) => {
      const { overflowX, overflowY, display } = getComputedStyle(element);
      if (display === "none" || display === "inline" || element.matches(".unseen, svg, svg *")) return false;
      const across = overflowX !== "visible" && element.scrollWidth > element.clientWidth;
      const down = overflowY !== "visible" && element.scrollHeight > element.clientHeight + 1;
      return across || down;
    })
    .map((element) => element.outerHTML.slice(0, 200));

/** How many of each element, without those of the browser's own. */
export const tagCounts = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { tagName } of document.querySelectorAll("*")) counts[tagName] = (counts[tagName] ?? 0) + 1;
  return counts;
};

/** Attributes that no element of this page may have: handlers, and addresses beyond the page. */
export const dangerousAttributes = (): readonly string[] =>
  [...document.querySelectorAll("*")].flatMap((element) =>
    [...element.attributes]
      .filter(({ name, value }) =>
        /^(?:src|href|xlink:href|action|formaction|srcdoc|data|ping)$/i.test(name)
          ? !value.startsWith("#")
          : /^on/i.test(name),
      )
      .map(({ name, value }) => `${element.tagName} ${name}=${value}`),
  );

export const hasRun = (): boolean => window.ran === true;

/** Tries to run and to load: @returns what the page's policy refused. */
export const provoke = async (): Promise<readonly string[]> => {
  const refused: string[] = [];
  // A violation is told in a task of its own.
  const all = new Promise<void>((resolve) => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      if (refused.push(effectiveDirective) === 4) resolve();
    });
  });
  const script = document.createElement("script");
  script.text = "window.ran = true";
  const image = document.createElement("img");
  image.src = "https://evil.example/x.png";
  const frame = document.createElement("iframe");
  frame.src = "https://evil.example/";
  for (const element of [script, image, frame]) document.body.append(element);
  await fetch("https://evil.example/").catch(() => null);
  await all;
  return refused.toSorted();
};
