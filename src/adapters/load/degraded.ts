import type { DegradedMarker } from "../../core/workload.ts";
import { valueAt } from "./json-path.ts";

type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Does the marker's header stand in the answer? Names compare in any case, a given value exactly. */
export const headerMarks = (marker: DegradedMarker | undefined, headers: HeaderValues): boolean => {
  if (marker?.header === undefined) return false;
  const value = headers[marker.header.name.toLowerCase()];
  if (value === undefined) return false;
  if (marker.header.value === undefined) return true;
  return (Array.isArray(value) ? value.join(", ") : value) === marker.header.value;
};

/** Does the marker's JSON path hold in this body or event? Without a value: present and truthy. */
export const jsonMarks = (marker: DegradedMarker | undefined, json: unknown): boolean => {
  if (marker?.jsonPath === undefined || json === undefined) return false;
  const found = valueAt(json, marker.jsonPath.path);
  return marker.jsonPath.value === undefined
    ? Boolean(found)
    : JSON.stringify(found) === JSON.stringify(marker.jsonPath.value);
};

/** Does the marker's text occur in the answer? */
export const textMarks = (marker: DegradedMarker | undefined, text: string): boolean =>
  marker?.text !== undefined && marker.text !== "" && text.includes(marker.text);
