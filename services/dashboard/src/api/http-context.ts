import { createContext, useContext } from 'react';
import type { Http } from './http.js';

export const HttpContext = createContext<Http | null>(null);

export function useHttp(): Http {
  const http = useContext(HttpContext);
  if (http === null) throw new Error('there is no API client above this part of the page');
  return http;
}
