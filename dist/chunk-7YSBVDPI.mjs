import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
var withoutUndefined=value=>Object.fromEntries(Object.entries(value).filter(([,item])=>item!==void 0));export{withoutUndefined};
