import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{connectEngine,isHere,lookAtEngine,unavailable}from"./chunk-AHBHUCOM.mjs";import"./chunk-TR6IO5LL.mjs";import"./chunk-TXCW4XOG.mjs";export{connectEngine,isHere,lookAtEngine,unavailable};
