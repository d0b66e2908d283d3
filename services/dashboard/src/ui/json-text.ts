export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };
export type JsonObject = Record<string, JsonValue>;

/** Whether the text can be sent as a JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the text is a JSON object. */
export function isJsonObject(text: string): boolean {
  if (!isJson(text)) return false;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a text for which `isJson` holds. */
export function readJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** Of a text for which `isJsonObject` holds. */
export function readJsonObject(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}
