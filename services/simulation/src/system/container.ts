import 'reflect-metadata';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';

type Token = unknown;
type Make = () => unknown;

const DECLARED_DEPENDENCIES = 'self:paramtypes';
const HANDLED_COMMAND = '__commandHandler__';
const HANDLED_QUERY = '__queryHandler__';

/**
 * Makes what the services' own modules provide, as Nest does from the same declarations, but at once and without asking the system for anything: a server boots
 * thousands of times a second here, and each time in the same order.
 */
export class Container {
  private readonly makers = new Map<Token, Make>();
  private readonly made = new Map<Token, unknown>();
  private readonly handlers = new Map<unknown, Token>();

  /** @param given what the composition root provides; counts before what the modules say */
  constructor(modules: readonly DynamicModule[], given: ReadonlyMap<Token, unknown>) {
    for (const { providers = [] } of modules) for (const provider of providers) this.register(provider);
    const bus = { execute: (message: object) => this.handlerOf(message).execute(message) };
    for (const [token, value] of [...given, [CommandBus, bus], [QueryBus, bus]] as const) this.makers.set(token, () => value);
  }

  get<Made>(token: Token): Made {
    if (this.made.has(token)) return this.made.get(token) as Made;
    const make = this.makers.get(token);
    if (make === undefined) throw new Error(`nothing provides ${nameOf(token)}`);
    const made = make();
    this.made.set(token, made);
    return made as Made;
  }

  /** What asks for the token gets it with this around it. Before anything has asked. */
  wrap<Made>(token: Token, around: (made: Made) => Made): void {
    const make = this.makers.get(token);
    if (make === undefined) throw new Error(`nothing provides ${nameOf(token)}`);
    this.makers.set(token, () => around(make() as Made));
  }

  private register(provider: Provider): void {
    if (typeof provider === 'function') {
      this.makers.set(provider, () => this.construct(provider));
      this.noteHandler(provider);
    } else if ('useValue' in provider) {
      this.makers.set(provider.provide, () => provider.useValue as unknown);
    } else if ('useClass' in provider) {
      this.makers.set(provider.provide, () => this.construct(provider.useClass));
    } else if ('useFactory' in provider) {
      const dependencies = (provider.inject ?? []).map((asked) =>
        typeof asked === 'object' && 'token' in asked ? asked : { token: asked as Token, optional: false },
      );
      const given = () => dependencies.map(({ token, optional }) => (optional && !this.makers.has(token) ? undefined : this.get(token)));
      this.makers.set(provider.provide, () => provider.useFactory(...given()) as unknown);
    } else {
      this.makers.set(provider.provide, () => this.get(provider.useExisting));
    }
  }

  private noteHandler(provider: object): void {
    for (const key of [HANDLED_COMMAND, HANDLED_QUERY]) {
      const handled: unknown = Reflect.getMetadata(key, provider);
      if (handled !== undefined) this.handlers.set(handled, provider);
    }
  }

  private construct(constructed: Type): unknown {
    const declared = (Reflect.getMetadata(DECLARED_DEPENDENCIES, constructed) ?? []) as readonly { index: number; param: Token }[];
    const inOrder = [...declared].sort((one, other) => one.index - other.index);
    return new constructed(...inOrder.map(({ param }) => this.get<never>(param)));
  }

  private handlerOf(message: object): { execute(message: object): Promise<unknown> } {
    const handler = this.handlers.get(message.constructor);
    if (handler === undefined) throw new Error(`nothing handles ${message.constructor.name}`);
    return this.get(handler);
  }
}

function nameOf(token: Token): string {
  return typeof token === 'function' ? token.name : String(token);
}
