import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
import{cleanEngine}from"./chunk-CL5XUN55.mjs";import"./chunk-G34SMFEI.mjs";import"./chunk-FIW2MGUL.mjs";import"./chunk-AHBHUCOM.mjs";import"./chunk-TR6IO5LL.mjs";import"./chunk-TXCW4XOG.mjs";var clean=async options=>{let{lines,containers,networks,volumes,images}=await cleanEngine(options);for(let line of lines)process.stdout.write(`${line}
`);lines.length===0?process.stdout.write(`nothing of squall's is left on this engine
`):options.dryRun?process.stdout.write(`nothing was removed: --dry-run
`):process.stdout.write(`removed ${containers} containers, ${networks} networks, ${volumes} volumes, ${images} images
`);let removed=containers+networks+volumes+images;return options.dryRun||removed>=lines.length?0:3};export{clean};
