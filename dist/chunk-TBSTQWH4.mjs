import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;
var REQUEST_KEY_HEADER="x-squall-request",requestKey=(requestId,repetition)=>`${requestId}~${repetition}`;export{REQUEST_KEY_HEADER,requestKey};
