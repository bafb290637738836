import { isOfService } from "../process-name.ts";

/** The edge in front of the service, and the service's own processes. */
export const CLIENT = "client";
export const SERVICE = "service";

/** `service-2` is a part of the service; any other process bears its place's name. */
export const placeOfProcess = (name: string): string => (isOfService(name) ? SERVICE : name);
