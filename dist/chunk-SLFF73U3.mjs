import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{cleanEngine}from"./chunk-22EICZU7.mjs";import"./chunk-HVPUWLZM.mjs";import"./chunk-DKEYCVTK.mjs";import"./chunk-4NZTDYZC.mjs";import"./chunk-TXCW4XOG.mjs";export{cleanEngine};
