/** What the gateway put into the document for the styles that components add to it; empty where something else serves it. */
export function styleNonce(): string {
  const found = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
  return found.startsWith('%') ? '' : found;
}
