interface KnownRoute {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Which methods each path takes, learned while routes are registered. */
export class KnownRoutes {
  private readonly byUrl = new Map<string, KnownRoute>();

  add(url: string, methods: string | readonly string[]): void {
    const route = this.byUrl.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const method of [methods].flat()) route.methods.add(method);
    this.byUrl.set(url, route);
  }

  /** Like `GET /v1/runs/:id`, in the order of the alphabet. */
  all(): readonly string[] {
    return [...this.byUrl].flatMap(([url, { methods }]) => [...methods].map((method) => `${method} ${url}`)).sort();
  }

  /** Methods the path takes, in the order of the alphabet; empty for a path that is not known. */
  methodsOf(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.byUrl.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return methods.size === 0 ? [] : [...methods.add('OPTIONS')].sort();
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
