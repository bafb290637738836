import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{recoveryCases}from"./chunk-7WR3KN5X.mjs";var casesFor=({recovery},baseline)=>recovery?.learn===!0?recoveryCases(baseline?.profiles??[]):[];export{casesFor};
